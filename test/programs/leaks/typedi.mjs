// A container for each request, in a worker thread: Container.of(id) is remembered until Container.reset(id).
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
const home = JSON.stringify(createRequire(import.meta.url).resolve('typedi'));
export default {
  source: 'typestack/typedi, docs: using scoped containers',
  packages: { leaky: 'typedi', fixed: 'typedi' },
  kind: 'v8-heap',
  perSecond: 80,
  start(_, variant) {
    const file = join(mkdtempSync(join(tmpdir(), 'rampart-typedi-')), 'worker.cjs');
    writeFileSync(
      file,
      `Reflect.getMetadata ??= () => undefined;
      const { Container } = require(${home});
      const { parentPort } = require('node:worker_threads');
      parentPort.on('message', ({ id, user }) => {
        const request = Container.of(id);
        request.set('user', user);
        request.set('log', { lines: [\`request of \${user.name}\`] });
        request.get('log').lines.push(request.get('user').name);
        ${variant === 'fixed' ? 'Container.reset(id);' : ''}
        parentPort.postMessage(request.get === undefined ? 0 : 1);
      });`,
    );
    const worker = new Worker(file);
    let n = 0;
    return async () => {
      n += 1;
      worker.postMessage({ id: `request-${n}`, user: { name: `user ${n}`, roles: ['reader', `team-${n % 50}`] } });
      await once(worker, 'message');
    };
  },
};
