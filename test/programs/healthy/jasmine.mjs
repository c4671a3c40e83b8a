// A test runner with thousands of small tests in one process.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
export default {
  packages: { healthy: 'jasmine' },
  command(seconds) {
    const folder = mkdtempSync(join(tmpdir(), 'rampart-jasmine-'));
    for (let i = 0; i < Number(seconds) * 3; i += 1) {
      writeFileSync(
        join(folder, `t${i}.spec.cjs`),
        `describe('part ${i}', () => {
          for (let k = 0; k < 15; k += 1)
            it('works in case ' + k, async () => {
              const rows = Array.from({ length: 300 }, (_, id) => ({ id, text: 'row ' + id }));
              await new Promise((done) => setTimeout(done, 20));
              for (const row of rows) expect(row.text).toContain('row');
            });
        });`,
      );
    }
    return ['node', resolve(import.meta.dirname, '../node_modules/jasmine/bin/jasmine.js'), `${folder}/*.spec.cjs`];
  },
};
