// Source files read, changed and printed again: much code, which the compiler warms for a long time.
import { createRequire } from 'node:module';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
const require = createRequire(import.meta.url);
export default {
  packages: { healthy: '@babel/parser' },
  start({ parse }) {
    const traverse = require('@babel/traverse').default;
    const generate = require('@babel/generator').default;
    const folder = dirname(require.resolve('lodash'));
    const files = readdirSync(folder)
      .filter((name) => name.endsWith('.js') && name !== 'lodash.js' && !name.includes('.min.'))
      .slice(0, 300);
    let n = 0;
    return () => {
      const code = readFileSync(join(folder, files[(n += 1) % files.length]), 'utf8');
      const ast = parse(code, { sourceType: 'script' });
      let names = 0;
      traverse(ast, { Identifier: () => void (names += 1) });
      return generate(ast).code.length + names;
    };
  },
};
