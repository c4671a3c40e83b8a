// A linter run once over many files: it keeps what it found in each until its report.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
export default {
  packages: { healthy: 'eslint' },
  command(seconds) {
    const folder = mkdtempSync(join(tmpdir(), 'rampart-eslint-cli-'));
    for (let i = 0; i < Number(seconds) * 6; i += 1)
      writeFileSync(
        join(folder, `f${i}.mjs`),
        Array.from(
          { length: 250 },
          (_, k) =>
            `export function f${k}(a, b) { const c = a + ${i}; if (c === b) return [a, b].map((x) => x * ${k}); return b; }`,
        ).join('\n'),
      );
    writeFileSync(
      join(folder, 'eslint.config.mjs'),
      `export default [{ rules: { eqeqeq: 2, complexity: 2, 'no-shadow': 2, 'no-unused-vars': 2, 'no-undef': 2, indent: 0 } }];`,
    );
    const bin = resolve(import.meta.dirname, '../node_modules/eslint/bin/eslint.js');
    return ['sh', '-c', `cd "${folder}" && exec node "${bin}" .`];
  },
};
