// A test runner that reports as it goes.
import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
export default {
  packages: { healthy: 'tape' },
  command(seconds) {
    const folder = mkdtempSync(join(tmpdir(), 'rampart-tape-'));
    symlinkSync(resolve(import.meta.dirname, '../node_modules'), join(folder, 'node_modules'));
    for (let i = 0; i < Number(seconds); i += 1) {
      writeFileSync(
        join(folder, `t${i}.cjs`),
        `const test = require('tape');
        for (let k = 0; k < 20; k += 1)
          test('part ${i}, case ' + k, async (t) => {
            const rows = Array.from({ length: 200 }, (_, id) => ({ id, text: 'row ' + id }));
            await new Promise((done) => setTimeout(done, 25));
            for (const row of rows) t.ok(row.text);
            t.deepEqual(JSON.parse(JSON.stringify(rows)), rows);
          });`,
      );
    }
    return ['node', resolve(import.meta.dirname, '../node_modules/tape/bin/tape'), `${folder}/*.cjs`];
  },
};
