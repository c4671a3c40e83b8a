// A bundler in watch mode: a file changes every second, and all is built again.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
export default {
  packages: { healthy: 'webpack' },
  perSecond: 1,
  async start({ default: webpack }) {
    const root = mkdtempSync(join(tmpdir(), 'rampart-webpack-'));
    mkdirSync(join(root, 'src'));
    const write = (i, n) =>
      writeFileSync(join(root, 'src', `m${i}.js`), `export const v${i} = () => 'text ${n} of ${i}';\n`);
    for (let i = 0; i < 60; i += 1) write(i, 0);
    const imports = Array.from({ length: 60 }, (_, i) => `import { v${i} } from './m${i}.js';`).join('\n');
    const uses = Array.from({ length: 60 }, (_, i) => `v${i}()`).join(', ');
    writeFileSync(join(root, 'src', 'index.js'), `${imports}\nconsole.log(${uses});\n`);
    let built = () => undefined;
    const compiler = webpack({
      context: root,
      mode: 'development',
      entry: './src/index.js',
      output: { path: join(root, 'out') },
    });
    await new Promise((resolve) => {
      built = resolve;
      compiler.watch({ aggregateTimeout: 20, poll: 100 }, () => built());
    });
    let n = 0;
    return async () => {
      const done = new Promise((resolve) => (built = resolve));
      write((n += 1) % 60, n);
      await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 3000))]);
    };
  },
};
