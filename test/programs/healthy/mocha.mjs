// A test runner with a few thousand tests: what it knows of each of them stays until its report.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
const require = createRequire(import.meta.url);
export default {
  packages: { healthy: 'mocha' },
  command(seconds) {
    const folder = mkdtempSync(join(tmpdir(), 'rampart-mocha-'));
    const count = Math.round(Number(seconds) * 0.8 * 4);
    for (let i = 0; i < count; i += 1) {
      writeFileSync(
        join(folder, `t${i}.spec.cjs`),
        `const assert = require('node:assert');
        describe('part ${i}', () => {
          for (let k = 0; k < 12; k += 1)
            it('works in case ' + k, async () => {
              const rows = Array.from({ length: 2000 }, (_, id) => ({ id, text: 'row ' + id }));
              await new Promise((done) => setTimeout(done, 20));
              assert.deepStrictEqual(JSON.parse(JSON.stringify(rows)), rows);
            });
        });`,
      );
    }
    return ['node', require.resolve('mocha/bin/mocha.js'), '--reporter', 'dot', `${folder}/*.spec.cjs`];
  },
};
