// josdejong/workerpool#542: abort listeners of finished tasks are kept in the worker (10.0.3 still does). Fixed: no listener.
import { writeFileSync, mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
const require = createRequire(import.meta.url);
export default {
  source: 'josdejong/workerpool#542',
  packages: { leaky: 'workerpool', fixed: 'workerpool' },
  kind: 'v8-heap',
  perSecond: 40,
  start({ default: workerpool }, variant) {
    const file = join(mkdtempSync(join(tmpdir(), 'rampart-workerpool-')), 'worker.cjs');
    const home = JSON.stringify(require.resolve('workerpool'));
    writeFileSync(
      file,
      `const workerpool = require(${home});
      async function render(id) {
        const rows = Array.from({ length: 100 }, (_, i) => ({ id, i }));
        ${variant === 'leaky' ? 'this.worker.addAbortListener(async () => rows.length);' : ''}
        return rows.length;
      }
      workerpool.worker({ render });`,
    );
    const pool = workerpool.pool(file, { workerType: 'thread', maxWorkers: 1 });
    let n = 0;
    return async () => void (await pool.exec('render', [(n += 1)]));
  },
};
