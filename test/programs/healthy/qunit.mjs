// A test runner over some fifty files.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
export default {
  packages: { healthy: 'qunit' },
  command(seconds) {
    const folder = mkdtempSync(join(tmpdir(), 'rampart-qunit-'));
    for (let i = 0; i < Number(seconds); i += 1) {
      writeFileSync(
        join(folder, `t${i}.cjs`),
        `QUnit.module('part ${i}', () => {
          for (let k = 0; k < 20; k += 1)
            QUnit.test('case ' + k, async (assert) => {
              const rows = Array.from({ length: 100 }, (_, id) => ({ id, text: 'row ' + id }));
              await new Promise((done) => setTimeout(done, 30));
              for (const row of rows) assert.ok(row.text);
            });
        });`,
      );
    }
    return ['node', resolve(import.meta.dirname, '../node_modules/qunit/bin/qunit.js'), `${folder}/*.cjs`];
  },
};
