import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createSourceMaps } from '../../../src/sources/inspector/source-maps.ts';

const dir = mkdtempSync(join(tmpdir(), 'rampart-maps-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Line 2, column 2 of the script stands at line 5, column 3 of `leak.ts`. */
const MAP = JSON.stringify({ version: 3, sources: ['leak.ts'], names: ['remember'], mappings: ';EAIGA' });
const file = (name: string, text: string): string => {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
};
const place = (path: string) => ({ functionName: 'r', file: path, line: 2, column: 3 });
const AT = { functionName: 'remember', line: 5, column: 4 };

describe('source maps', () => {
  it('beside the script', async () => {
    file('a.js.map', MAP);
    const script = file('a.js', 'x\n  y\n//# sourceMappingURL=a.js.map\n');
    const found = await createSourceMaps().original(place(script));
    expect(found).toMatchObject(AT);
    expect(found?.file).toContain(`${dir}/leak.ts`);
    expect(await createSourceMaps().original(place(`file://${script}`))).toMatchObject(AT);
  });

  it('inside the script, however long', async () => {
    const map = Buffer.from(JSON.stringify({ ...JSON.parse(MAP), sourcesContent: ['z'.repeat(20_000)] })).toString(
      'base64',
    );
    const script = file('b.js', `x\n  y\n//# sourceMappingURL=data:application/json;base64,${map}\n`);
    expect(await createSourceMaps().original(place(script))).toMatchObject(AT);
  });

  it('none, broken, on the net, of a module of Node, or of a pipe that nobody writes', async () => {
    const maps = createSourceMaps();
    const pipe = join(dir, 'pipe.js');
    spawnSync('mkfifo', [pipe]);
    for (const path of [
      file('none.js', 'x\n  y\n'),
      file('broken.js', 'x\n//# sourceMappingURL=data:application/json;base64,AAAA\n'),
      file('net.js', 'x\n//# sourceMappingURL=https://example.com/x.map\n'),
      join(dir, 'missing.js'),
      'node:events',
      '',
      pipe,
    ]) {
      expect(await maps.original(place(path)), path).toBeNull();
    }
  });
});
