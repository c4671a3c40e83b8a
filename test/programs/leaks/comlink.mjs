// GoogleChromeLabs/comlink: each callback that is passed to a worker keeps a port until its proxy is released, in the worker.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
const require = createRequire(import.meta.url);
export default {
  source: 'GoogleChromeLabs/comlink, releaseProxy',
  packages: { leaky: 'comlink', fixed: 'comlink' },
  perSecond: 20,
  async start({ proxy, wrap }, variant) {
    const { default: nodeEndpoint } = await import('comlink/dist/umd/node-adapter.js');
    const file = join(mkdtempSync(join(tmpdir(), 'rampart-comlink-')), 'worker.cjs');
    writeFileSync(
      file,
      `const { parentPort } = require('node:worker_threads');
      const { expose, releaseProxy } = require(${JSON.stringify(require.resolve('comlink'))});
      const endpoint = require(${JSON.stringify(require.resolve('comlink/dist/umd/node-adapter.js'))});
      const seen = [];
      expose({ async work(rows, progress) {
        await progress(rows.length);
        ${variant === 'fixed' ? 'progress[releaseProxy]();' : 'seen.push(progress);'}
        return rows.length;
      } }, (endpoint.default ?? endpoint)(parentPort));`,
    );
    const worker = new Worker(pathToFileURL(file));
    worker.unref();
    const api = wrap((nodeEndpoint.default ?? nodeEndpoint)(worker));
    const rows = Array.from({ length: 50 }, (_, id) => ({ id }));
    return async () =>
      void (await api.work(
        rows,
        proxy(() => 1),
      ));
  },
};
