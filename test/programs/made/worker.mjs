// JSON in a worker, with much garbage; the leaky one keeps every hundredth answer there. The main thread's heap stays flat.
import { once } from 'node:events';
const code = `
  const { parentPort, workerData } = require('node:worker_threads');
  const kept = [];
  let n = 0;
  parentPort.on('message', (text) => {
    const value = JSON.parse(text);
    if (workerData === 'leaky' && (n += 1) % 10 === 0) kept.push(value);
    parentPort.postMessage(JSON.stringify(value).length);
  });
`;
export default {
  packages: { leaky: 'node:worker_threads', fixed: 'node:worker_threads' },
  kind: 'v8-heap',
  perSecond: 300,
  start({ Worker }, variant) {
    const worker = new Worker(code, { eval: true, workerData: variant });
    const text = JSON.stringify(Array.from({ length: 400 }, (_, id) => ({ id, name: `name ${id}` })));
    return async () => {
      worker.postMessage(text);
      await once(worker, 'message');
    };
  },
};
