import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/**
 * Guards the guard: each rule of docs/architecture.md is broken on purpose in a copy of the tree's shape, and the lint
 * must see it. Without this a renamed folder or a lint upgrade could switch the rules off in silence.
 */
const root = join(import.meta.dirname, '../..');
let tree: string;

beforeAll(() => {
  tree = mkdtempSync(join(root, 'test/lint/.planted-'));
  cpSync(join(root, '.oxlintrc.json'), join(tree, '.oxlintrc.json'));
});
afterAll(() => rmSync(tree, { recursive: true, force: true }));

function lint(file: string, source: string): { code: number; output: string } {
  const path = join(tree, file);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, source);
  const done = spawnSync(
    process.execPath,
    [join(root, 'node_modules/oxlint/bin/oxlint'), '--deny-warnings', '-c', '.oxlintrc.json', file],
    {
      cwd: tree,
      encoding: 'utf8',
    },
  );
  rmSync(path);
  return { code: done.status ?? -1, output: done.stdout + done.stderr };
}

const PLANTED: readonly (readonly [file: string, source: string])[] = [
  ['src/model/planted.ts', `import { x } from '../series/index.ts';\nexport const y = x;\n`],
  ['src/series/planted.ts', `import { readFileSync } from 'node:fs';\nexport const y = readFileSync;\n`],
  ['src/agents/planted.ts', `import { x } from '../sources/index.ts';\nexport const y = x;\n`],
  ['src/agents/planted.ts', `export const y = Date.now();\n`],
  ['src/sessions/planted.ts', `export const y = Math.random();\n`],
  ['src/limits/planted.ts', `export const y = process.pid;\n`],
  ['src/detectors/planted.ts', `import { x } from '../history/index.ts';\nexport const y = x;\n`],
  ['src/sources/linux/planted.ts', `import { x } from '../../service/engine.ts';\nexport const y = x;\n`],
  ['src/history/planted.ts', `import { x } from '../faces/cli/main.ts';\nexport const y = x;\n`],
  ['src/integrations/planted.ts', `import { x } from '../service/engine.ts';\nexport const y = x;\n`],
  ['src/config/planted.ts', `import { x } from '../sources/index.ts';\nexport const y = x;\n`],
  ['src/wording/planted.ts', `import { x } from '../alerts/index.ts';\nexport const y = x;\n`],
  ['src/alerts/planted.ts', `export const y = Date.now();\n`],
  ['src/alerts/planted.ts', `import { x } from '../notify/index.ts';\nexport const y = x;\n`],
  ['src/advice/planted.ts', `import { x } from '../actions/index.ts';\nexport const y = x;\n`],
  ['src/deaths/planted.ts', `import { readFileSync } from 'node:fs';\nexport const y = readFileSync;\n`],
  ['src/actions/planted.ts', `import { x } from '../service/engine.ts';\nexport const y = x;\n`],
  ['src/notify/planted.ts', `import { x } from '../service/engine.ts';\nexport const y = x;\n`],
  ['src/captures/planted.ts', `import { x } from '../service/engine.ts';\nexport const y = x;\n`],
  ['src/service/planted.ts', `import { x } from '../faces/mcp/server.ts';\nexport const y = x;\n`],
  ['src/service/planted.ts', `import { x } from '../../tools/index.ts';\nexport const y = x;\n`],
  ['src/service/planted.ts', `import { x } from '../entries/service.ts';\nexport const y = x;\n`],
  ['src/faces/cli/planted.ts', `import { x } from '../mcp/server.ts';\nexport const y = x;\n`],
  ['src/faces/mcp/planted.ts', `import { x } from '../cli/main.ts';\nexport const y = x;\n`],
  ['src/faces/http/planted.ts', `import { x } from '../mcp/server.ts';\nexport const y = x;\n`],
];

describe('the import rules', () => {
  it.each(PLANTED)('see what is planted in %s: %j', (file, source) => {
    const { code, output } = lint(file, source);
    expect(code, output).not.toBe(0);
    expect(output).toMatch(/no-restricted-(imports|properties|globals)/);
  });

  it('let the allowed directions pass', () => {
    const { code, output } = lint(
      'src/service/planted.ts',
      `import { readFileSync } from 'node:fs';\nimport { x } from '../sources/index.ts';\nexport const y = [x, readFileSync, Date.now()];\n`,
    );
    expect(code, output).toBe(0);
  });

  it('know every folder that exists', () => {
    const known = PLANTED.map(([file]) => file.split('/')[1]);
    const folders = readdirSync(join(root, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    // `untrusted` has the rules of the pure folders; `entries` may import everything: nothing to plant.
    expect(folders.filter((folder) => !known.includes(folder) && !['untrusted', 'entries'].includes(folder))).toEqual(
      [],
    );
  });
});
