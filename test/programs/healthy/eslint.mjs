// A linter as an editor uses it: the same twenty files again and again.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
export default {
  packages: { healthy: 'eslint' },
  start({ ESLint }) {
    const folder = mkdtempSync(join(tmpdir(), 'rampart-eslint-'));
    const code = (i, n) =>
      Array.from(
        { length: 40 },
        (_, k) => `export function f${k}(a, b) { const c = a + ${n}; var d = b; return c == d + ${i}; }`,
      ).join('\n');
    const rules = { eqeqeq: 1, 'no-unused-vars': 1, 'no-var': 1, 'prefer-const': 1, complexity: 1, 'no-shadow': 1 };
    const eslint = new ESLint({ cwd: folder, overrideConfigFile: true, overrideConfig: [{ rules }] });
    let n = 0;
    return async () => {
      const file = join(folder, `f${(n += 1) % 20}.js`);
      writeFileSync(file, code(n % 20, n));
      await eslint.lintFiles([file]);
    };
  },
};
