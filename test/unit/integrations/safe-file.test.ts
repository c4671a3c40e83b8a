import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readJsonInside } from '../../../src/integrations/safe-file.ts';
import { put, tree } from '../../support/integrations/files.ts';

const MAX = 1000;

function reason(root: string, name: string): string {
  const read = readJsonInside(root, join(root, name), MAX);
  return read.ok ? `read ${JSON.stringify(read.value)}` : read.reason;
}

describe('readJsonInside', () => {
  it.each<[string, string, unknown]>([
    ['an object', '{"a":1}', { a: 1 }],
    ['a number with a newline', '1234\n', 1234],
    ['a byte order mark', '\uFEFF{}', {}],
  ])('reads %s', (_, text, value) => {
    const root = tree({ 'f.json': text });
    expect(readJsonInside(root, join(root, 'f.json'), MAX)).toMatchObject({ ok: true, value });
  });

  it.each([
    ['empty', '', /^empty/],
    ['blank', ' \n', /^empty/],
    ['torn', '{"pid": 12', /^not complete JSON/],
    ['cut in a character', Buffer.from('{"a":"ü"}').subarray(0, 7).toString('latin1'), /^not complete JSON/],
    ['too large', ' '.repeat(MAX + 1), /^1001 bytes/],
    ['no JSON', 'pid 12', /^not complete JSON/],
  ])('gives a reason for a file that is %s', (_, text, expected) => {
    expect(reason(tree({ 'f.json': text }), 'f.json')).toMatch(expected);
  });

  it('does not recurse into a hundred thousand levels', () => {
    const root = tree({ 'f.json': '['.repeat(100_000) + ']'.repeat(100_000) });
    expect(readJsonInside(root, join(root, 'f.json'), 1_000_000).ok).toBe(true);
  });

  it('tells missing from unreadable', () => {
    const root = tree({ file: '{}' });
    expect(readJsonInside(root, join(root, 'none'), MAX)).toMatchObject({ ok: false, missing: true });
    expect(readJsonInside(root, join(root, 'file/none'), MAX)).toMatchObject({ ok: false, missing: true });
    expect(readJsonInside(root, root, MAX)).toMatchObject({ ok: false, missing: false });
  });

  it('refuses symbolic links, also when they stay inside', () => {
    const root = tree({ 'real.json': '{"secret":1}' });
    symlinkSync(join(root, 'real.json'), join(root, 'f.json'));
    expect(reason(root, 'f.json')).toBe('a symbolic link: refused');
  });

  it('refuses a directory on the way that leads out', () => {
    const outside = tree({ 'f.json': '{"secret":1}' });
    const root = tree();
    symlinkSync(outside, join(root, 'folder'));
    expect(reason(root, 'folder/f.json')).toMatch(/leads out/);
    mkdirSync(join(root, 'deep'));
    expect(reason(root, '../' + outside.split('/').at(-1) + '/f.json')).toMatch(/leads out/);
  });

  it('is not fooled by a directory whose name starts like the root', () => {
    const root = tree();
    const sibling = `${root}-evil`;
    put(sibling, 'f.json', {});
    try {
      expect(readJsonInside(root, join(sibling, 'f.json'), MAX).ok).toBe(false);
    } finally {
      execFileSync('rm', ['-r', sibling]);
    }
  });

  it('takes the root itself through a link, as people link ~/.claude', () => {
    const real = tree({ 'f.json': '{}' });
    const home = tree();
    symlinkSync(real, join(home, 'link'));
    expect(readJsonInside(join(home, 'link'), join(home, 'link/f.json'), MAX).ok).toBe(true);
  });

  it.runIf(process.platform === 'linux')('does not wait for a FIFO and reads no device', () => {
    const root = tree();
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(root, 'f.json')]);
    expect(reason(root, 'f.json')).toBe('not a regular file');
    expect(readJsonInside('/dev', '/dev/zero', MAX)).toMatchObject({ ok: false, reason: 'not a regular file' });
  });

  it('reads a hard link like the file that it is', () => {
    const root = tree({ 'a.json': '{"a":1}' });
    linkSync(join(root, 'a.json'), join(root, 'f.json'));
    expect(reason(root, 'f.json')).toBe('read {"a":1}');
  });

  it.runIf(process.getuid?.() !== 0)('says when it may not read', () => {
    const root = tree({ 'f.json': '{}' });
    chmodSync(join(root, 'f.json'), 0);
    expect(reason(root, 'f.json')).toMatch(/may not be read/);
  });
});
