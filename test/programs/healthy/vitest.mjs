// A test runner whose files run in worker threads.
import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
const require = createRequire(import.meta.url);
export default {
  packages: { healthy: 'vitest' },
  command(seconds) {
    const folder = mkdtempSync(join(tmpdir(), 'rampart-vitest-'));
    symlinkSync(resolve(import.meta.dirname, '../node_modules'), join(folder, 'node_modules'));
    for (let i = 0; i < Number(seconds) * 2.6; i += 1) {
      writeFileSync(
        join(folder, `t${i}.test.js`),
        `import { describe, expect, it } from 'vitest';
        describe('part ${i}', () => {
          for (let k = 0; k < 10; k += 1)
            it('works in case ' + k, async () => {
              const rows = Array.from({ length: 1000 }, (_, id) => ({ id, text: 'row ' + id }));
              await new Promise((done) => setTimeout(done, 30));
              expect(JSON.parse(JSON.stringify(rows))).toEqual(rows);
            });
        });`,
      );
    }
    const bin = join(dirname(require.resolve('vitest/package.json')), 'vitest.mjs');
    return [
      'node',
      bin,
      'run',
      '--root',
      folder,
      '--pool',
      'threads',
      '--poolOptions.threads.singleThread',
      '--reporter',
      'dot',
    ];
  },
};
