import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownerBySources } from '../../../src/sources/inspector/program-sources.ts';

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'rampart-sources-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function file(path: string, text = 'serve();'): string {
  const whole = join(dir, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, text);
  return whole;
}
const ask = (argv: readonly string[], nodeOptions = '', cwd = dir) => ownerBySources({ argv, nodeOptions, cwd });

describe('handlers by the files of a program', () => {
  it('none of an npx server and of what is installed with it mentions the signal', async () => {
    const main = file('_npx/ab/node_modules/server/dist/index.js');
    file('_npx/ab/node_modules/zod/index.cjs');
    file('_npx/ab/node_modules/zod/index.d.ts', "type S = 'SIGUSR1'");
    const owner = await ask(['node', main]);
    expect(owner).toEqual({ by: 'node', reason: 'none of the 2 files of its program mentions SIGUSR1' });
  });

  it.each(["process.on('SIGUSR1', dump)", 'for (const s of Object.keys(os.constants.signals)) process.on(s, end)'])(
    'a dependency says: %s',
    async (text) => {
      const main = file('_npx/ab/node_modules/server/dist/index.js');
      file('_npx/ab/node_modules/deep/lib/signals.js', text);
      expect(await ask(['node', main])).toMatchObject({ by: 'unknown', reason: expect.stringContaining('signals.js') });
    },
  );

  it('a script of a project: its own files, and what is installed above it', async () => {
    file('repo/package.json', '{}');
    file('repo/packages/a/package.json', '{}');
    const main = file('repo/packages/a/src/main.ts');
    expect((await ask(['node', '--no-warnings', 'packages/a/src/main'], '', join(dir, 'repo'))).by).toBe('unknown');
    expect((await ask(['node', main])).by).toBe('node');
    file('repo/node_modules/x/i.mjs', 'process.once("SIGUSR1", f)');
    expect((await ask(['node', main])).by).toBe('unknown');
  });

  it('through the link that npm puts into bin', async () => {
    const main = file('lib/node_modules/tool/cli.js', "process.on('SIGUSR1', f)");
    mkdirSync(join(dir, 'bin'));
    symlinkSync(main, join(dir, 'bin/tool'));
    expect((await ask(['node', join(dir, 'bin/tool')])).reason).toContain('cli.js');
  });

  it.each([
    [['node'], '', /could not be found/],
    [['my title'], '', /could not be found/],
    [['node', 'missing.js'], '', /could not be found/],
    [['node', '-e', 'x()'], '', /no file/],
    [['node', '-r', './hook.js', 'a.js'], '', /preloads/],
    [['node', 'a.js'], '--import=hook', /preloads/],
  ] as const)('%j with NODE_OPTIONS %j is not known', async (argv, options, reason) => {
    file('a.js');
    expect(await ask(argv, options)).toMatchObject({ by: 'unknown', reason: expect.stringMatching(reason) });
  });
});
