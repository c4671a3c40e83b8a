// A worker thread for each job; the leaky one forgets them.
import { once } from 'node:events';
export default {
  packages: { leaky: 'node:worker_threads', fixed: 'node:worker_threads' },
  kind: 'threads',
  perSecond: 0.5,
  start({ Worker }, variant) {
    return async () => {
      const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
      await once(worker, 'online');
      if (variant === 'fixed') await worker.terminate();
    };
  },
};
