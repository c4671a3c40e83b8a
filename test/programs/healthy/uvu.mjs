// A small test runner: suites in a row, all in one process.
import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
export default {
  packages: { healthy: 'uvu' },
  command(seconds) {
    const folder = mkdtempSync(join(tmpdir(), 'rampart-uvu-'));
    symlinkSync(resolve(import.meta.dirname, '../node_modules'), join(folder, 'node_modules'));
    for (let i = 0; i < Number(seconds) * 2; i += 1) {
      writeFileSync(
        join(folder, `t${i}.mjs`),
        `import { suite } from 'uvu';
        import * as assert from 'uvu/assert';
        const part = suite('part ${i}');
        for (let k = 0; k < 10; k += 1)
          part('case ' + k, async () => {
            const rows = Array.from({ length: 2000 }, (_, id) => ({ id, text: 'row ' + id }));
            await new Promise((done) => setTimeout(done, 30));
            assert.equal(JSON.parse(JSON.stringify(rows)), rows);
          });
        part.run();`,
      );
    }
    return ['node', resolve(import.meta.dirname, '../node_modules/uvu/bin.js'), folder, 't[0-9]+'];
  },
};
