// A compiler run once over a project: it grows until it is through, and ends.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
const require = createRequire(import.meta.url);
export default {
  packages: { healthy: 'typescript' },
  command(seconds) {
    const project = mkdtempSync(join(tmpdir(), 'rampart-typescript-'));
    mkdirSync(join(project, 'src'));
    const files = Math.round(Number(seconds) * 12);
    for (let i = 0; i < files; i += 1) {
      const types = Array.from(
        { length: 20 },
        (_, k) =>
          `export interface T${k} { id: ${i}; items: Array<T${(k + 1) % 20}>; map: Record<string, Partial<T${(k + 7) % 20}>> }`,
      );
      const uses = Array.from(
        { length: 20 },
        (_, k) =>
          `export const f${k} = (x: T${k}) => x.items.map((y) => Object.entries(y.map).map(([name]) => name.length + ${k})).flat();`,
      );
      writeFileSync(
        join(project, 'src', `m${i}.ts`),
        `${i > 0 ? `export type { T0 as Before } from './m${i - 1}.js';\n` : ''}${types.join('\n')}\n${uses.join('\n')}\n`,
      );
    }
    const compilerOptions = { outDir: 'out', rootDir: 'src', strict: true, target: 'es2022', types: [] };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
    return ['node', require.resolve('typescript/lib/tsc.js'), '-p', project];
  },
};
