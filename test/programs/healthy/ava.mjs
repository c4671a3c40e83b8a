// A test runner with two large files, one worker each.
import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
export default {
  packages: { healthy: 'ava' },
  command(seconds) {
    const folder = mkdtempSync(join(tmpdir(), 'rampart-ava-'));
    symlinkSync(resolve(import.meta.dirname, '../node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    for (let i = 0; i < 2; i += 1) {
      writeFileSync(
        join(folder, `t${i}.test.js`),
        `import test from 'ava';
        for (let k = 0; k < ${Number(seconds) * 14}; k += 1)
          test.serial('works in case ' + k, async (t) => {
            const rows = Array.from({ length: 1000 }, (_, id) => ({ id, text: 'row ' + id }));
            await new Promise((done) => setTimeout(done, 50));
            t.deepEqual(JSON.parse(JSON.stringify(rows)), rows);
          });`,
      );
    }
    const cli = resolve(import.meta.dirname, '../node_modules/ava/entrypoints/cli.mjs');
    return ['sh', '-c', `cd "${folder}" && exec node "${cli}" --concurrency 2 --timeout 2m --tap`];
  },
};
