import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileStore, createMemoryStore } from '../../src/history/index.ts';
import type { Store } from '../../src/model/index.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rampart-store-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const implementations: readonly [string, () => Store][] = [
  ['in memory', () => createMemoryStore(() => 42)],
  ['in files', () => createFileStore(join(root, 'deep', 'history'))],
];

describe.each(implementations)('a store %s', (_name, create) => {
  it('is empty at first', async () => {
    const store = create();
    expect(await store.list()).toEqual([]);
    expect(await store.read('nothing')).toBeNull();
  });

  it('appends in order, and lists what it holds', async () => {
    const store = create();
    await store.append('log-1.seg', bytes(1, 2));
    await store.append('log-1.seg', bytes());
    await store.append('log-1.seg', bytes(3));
    await store.append('b', bytes(9));
    expect(await store.read('log-1.seg')).toEqual(Uint8Array.from([1, 2, 3]));
    const listed = (await store.list()).toSorted((a, b) => a.name.localeCompare(b.name));
    expect(listed.map(({ name, bytes: size }) => [name, size])).toEqual([
      ['b', 1],
      ['log-1.seg', 3],
    ]);
    for (const { modifiedMs } of listed) expect(modifiedMs).toBeGreaterThan(0);
  });

  it('replaces the whole, and makes the file where there is none', async () => {
    const store = create();
    await store.replace('a', bytes(1, 2, 3, 4));
    await store.replace('a', bytes(5));
    expect(await store.read('a')).toEqual(Uint8Array.from([5]));
    await store.append('a', bytes(6));
    expect(await store.read('a')).toEqual(Uint8Array.from([5, 6]));
  });

  it('removes, also what is not there', async () => {
    const store = create();
    await store.append('a', bytes(1));
    await store.remove('a');
    await store.remove('a');
    expect(await store.read('a')).toBeNull();
    expect(await store.list()).toEqual([]);
  });

  it('keeps nothing of the caller and gives nothing of its own away', async () => {
    const store = create();
    const mine = bytes(1, 2);
    await store.replace('a', mine);
    mine[0] = 9;
    const read = await store.read('a');
    if (read !== null) read[1] = 9;
    expect(await store.read('a')).toEqual(Uint8Array.from([1, 2]));
  });

  it.each([
    '',
    '.',
    '..',
    '../a',
    'a/b',
    '/etc/passwd',
    '.hidden',
    '-rf',
    'A',
    'a b',
    'a\n',
    'a\0',
    'ä',
    'x'.repeat(101),
  ])('refuses the name %j everywhere', async (name) => {
    const store = create();
    const refusal = expect.objectContaining({ code: 'bad-input' });
    await expect(store.append(name, bytes(1))).rejects.toEqual(refusal);
    await expect(store.replace(name, bytes(1))).rejects.toEqual(refusal);
    await expect(store.read(name)).rejects.toEqual(refusal);
    await expect(store.remove(name)).rejects.toEqual(refusal);
  });
});

describe('a store in files', () => {
  it('makes its directory 0700 and its files 0600', async () => {
    const directory = join(root, 'history');
    const store = createFileStore(directory);
    await store.append('a', bytes(1));
    await store.replace('b', bytes(1));
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, 'a')).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, 'b')).mode & 0o777).toBe(0o600);
  });

  it('refuses a directory that others may write, and takes it once that is mended', async () => {
    const directory = join(root, 'open');
    mkdirSync(directory);
    chmodSync(directory, 0o777);
    const store = createFileStore(directory);
    await expect(store.append('a', bytes(1))).rejects.toMatchObject({ code: 'not-permitted' });
    expect(readdirSync(directory)).toEqual([]);
    chmodSync(directory, 0o755);
    await store.append('a', bytes(1));
    expect(readdirSync(directory)).toEqual(['a']);
  });

  it('never follows a link out of its directory', async () => {
    const directory = join(root, 'history');
    const outside = join(root, 'outside');
    writeFileSync(outside, 'precious');
    const store = createFileStore(directory);
    await store.list();
    symlinkSync(outside, join(directory, 'a'));
    await expect(store.append('a', bytes(1))).rejects.toMatchObject({ code: 'not-permitted' });
    await expect(store.read('a')).rejects.toMatchObject({ code: 'not-permitted' });
    expect(await store.list()).toEqual([]);
    await store.replace('a', bytes(7));
    expect(readFileSync(outside, 'utf8')).toBe('precious');
    expect(lstatSync(join(directory, 'a')).isFile()).toBe(true);
    expect(await store.read('a')).toEqual(Uint8Array.from([7]));
  });

  it('does not hang on a pipe put in a file’s place', async () => {
    const directory = join(root, 'history');
    const store = createFileStore(directory);
    await store.list();
    execFileSync('mkfifo', [join(directory, 'a')]);
    await expect(store.read('a')).rejects.toMatchObject({ code: 'not-permitted' });
    await expect(store.append('a', bytes(1))).rejects.toMatchObject({
      code: expect.stringMatching(/^(io|not-permitted)$/),
    });
    expect(await store.list()).toEqual([]);
  });

  it('clears away what a cut-short replacement left, and never lists it', async () => {
    const directory = join(root, 'history');
    await createFileStore(directory).append('a', bytes(1));
    writeFileSync(join(directory, '.new-a'), 'half');
    expect((await createFileStore(directory).list()).map(({ name }) => name)).toEqual(['a']);
    expect(readdirSync(directory)).toEqual(['a']);
  });

  it('says what stands in the way', async () => {
    writeFileSync(join(root, 'file'), '');
    await expect(createFileStore(join(root, 'file')).list()).rejects.toMatchObject({ code: 'io', hint: /directory/ });
    await expect(createFileStore(join(root, 'file', 'below')).list()).rejects.toMatchObject({ hint: /directory/ });
  });
});

/** A file system of 64 KiB, where we may mount one. */
function smallDisk(): string | null {
  const at = join(root, 'disk');
  mkdirSync(at, { mode: 0o700 });
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=0700', 'tmpfs', at]).status === 0 ? at : null;
}

describe('a store on a full disk', () => {
  it('says so, loses nothing that was there, and goes on when there is room again', async (context) => {
    const disk = smallDisk();
    if (disk === null) return context.skip('may not mount a small file system here');
    try {
      const store = createFileStore(disk);
      await store.replace('state', bytes(1, 2, 3));
      await store.append('log', new Uint8Array(10_000).fill(5));
      const failure = { code: 'io', message: /ENOSPC/, hint: /free some space/ };
      await expect(store.append('log', new Uint8Array(200_000).fill(6))).rejects.toMatchObject(failure);
      await expect(store.replace('state', new Uint8Array(200_000))).rejects.toMatchObject(failure);
      expect(await store.read('log')).toEqual(new Uint8Array(10_000).fill(5));
      expect(await store.read('state')).toEqual(Uint8Array.from([1, 2, 3]));
      expect(readdirSync(disk).toSorted()).toEqual(['log', 'state']);
      await store.append('log', bytes(7));
      expect((await store.read('log'))?.length).toBe(10_001);
    } finally {
      spawnSync('umount', [disk]);
    }
  });

  it('says so on a read-only file system', async (context) => {
    const disk = smallDisk();
    if (disk === null) return context.skip('may not mount a small file system here');
    try {
      await createFileStore(disk).append('log', bytes(1));
      if (spawnSync('mount', ['-o', 'remount,ro', disk]).status !== 0) return context.skip('may not remount');
      const store = createFileStore(disk);
      await expect(store.append('log', bytes(2))).rejects.toMatchObject({ code: 'not-permitted', hint: /read-only/ });
      await expect(store.replace('log', bytes(2))).rejects.toMatchObject({ code: 'not-permitted' });
      await expect(store.remove('log')).rejects.toMatchObject({ code: 'not-permitted' });
      expect(await store.read('log')).toEqual(Uint8Array.from([1]));
    } finally {
      spawnSync('umount', [disk]);
    }
  });
});
