import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkHeadroom } from '../../../src/captures/headroom.ts';
import { openSnapshotFile } from '../../../src/captures/snapshot-file.ts';
import { openCaptures } from '../../../src/captures/store.ts';

const MIB = 1024 * 1024;
let dir: string;
let nowMs: number;
const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };
const open = (over: Partial<Parameters<typeof openCaptures>[0]> = {}) =>
  openCaptures({ dir: join(dir, 'captures'), clock, maxBytes: 10 * MIB, maxAgeMs: 60_000, ...over });
const noise = (bytes: number): string =>
  Array.from({ length: Math.ceil(bytes / 8) }, () => Math.random().toString(36).slice(2, 10)).join('');

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rampart-captures-'));
  nowMs = 1_700_000_000_000;
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function snapshot(captures: ReturnType<typeof open>, process: `${number}:${number}` = '7:70', text = 'heap') {
  const file = await captures.beginSnapshot(process);
  await file.write(text);
  return file.finish();
}

describe('captures', () => {
  it('are written compressed, for our eyes only, under a name of their own', async () => {
    const entry = await snapshot(open(), '7:70', '{"snapshot":1}');
    expect(gunzipSync(readFileSync(entry.path)).toString()).toBe('{"snapshot":1}');
    expect(statSync(entry.path).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, 'captures')).mode & 0o777).toBe(0o700);
    expect(entry).toMatchObject({ kind: 'snapshot', process: '7:70', atMs: nowMs });
    expect(readdirSync(join(dir, 'captures'))).toHaveLength(1);
  });

  it('leave nothing when they are given up', async () => {
    const file = await open().beginSnapshot('7:70');
    await file.write('half of a heap');
    expect(readdirSync(join(dir, 'captures'))).toHaveLength(1);
    await file.abort();
    expect(readdirSync(join(dir, 'captures'))).toEqual([]);
  });

  it('are found again by process and by id, newest first', async () => {
    const captures = open();
    const first = await snapshot(captures);
    nowMs += 1_000;
    const second = await snapshot(captures);
    await snapshot(captures, '8:80');
    expect(captures.snapshot('7:70')?.id).toBe(second.id);
    expect(captures.snapshot('7:70', first.id)?.id).toBe(first.id);
    expect(captures.snapshot('9:90')).toBeNull();
    expect(open().snapshot('7:70')?.id).toBe(second.id);
  });

  it('leave by age and by quota, the oldest first', async () => {
    const captures = open({ maxBytes: 2 * MIB });
    const old = await snapshot(captures, '7:70', noise(2 * MIB));
    nowMs += 1_000;
    const young = await snapshot(captures, '7:70', noise(2 * MIB));
    expect(existsSync(old.path)).toBe(false);
    expect(existsSync(young.path)).toBe(true);
    nowMs += 60_001;
    expect(captures.list()).toEqual([]);
    expect(existsSync(young.path)).toBe(false);
  });

  it('are ended when one alone is more than all may be, and leave nothing', async () => {
    const file = await open({ maxBytes: MIB }).beginSnapshot('7:70');
    const writing = async (): Promise<void> => {
      for (let i = 0; i < 100; i += 1) await file.write(noise(MIB));
      await file.finish();
    };
    await expect(writing()).rejects.toThrow(/larger than all captures/);
    await file.abort();
    expect(readdirSync(join(dir, 'captures'))).toEqual([]);
  });

  it('tell of a full disk, and leave nothing', async () => {
    const path = join(dir, 'partial');
    writeFileSync(path, '');
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const file = {
      write: () => Promise.reject(full),
      sync: async () => undefined,
      close: async () => undefined,
    } as unknown as Parameters<typeof openSnapshotFile>[0];
    const snapshotFile = openSnapshotFile(file, path, 10 * MIB);
    const writing = async (): Promise<void> => {
      for (let i = 0; i < 20; i += 1) await snapshotFile.write(noise(MIB));
      await snapshotFile.end();
    };
    await expect(writing()).rejects.toMatchObject({ code: 'io', message: expect.stringContaining('disk is full') });
    await snapshotFile.abort();
    expect(existsSync(path)).toBe(false);
  });

  it('sweep up what a killed service left half done, but not what is being written', async () => {
    const captures = open();
    const file = await captures.beginSnapshot('7:70');
    const stale = join(dir, 'captures', '.partial-0123456789abcdef');
    writeFileSync(stale, 'half');
    utimesSync(stale, nowMs / 1000 - 3_600, nowMs / 1000 - 3_600);
    nowMs = Date.now();
    captures.list();
    expect(existsSync(stale)).toBe(false);
    await file.finish();
    expect(captures.list()).toHaveLength(1);
  });

  it('go to no directory that others can enter, and through no link', async () => {
    const place = join(dir, 'captures');
    mkdirSync(place, { mode: 0o755 });
    chmodSync(place, 0o755);
    await snapshot(open());
    expect(statSync(place).mode & 0o777).toBe(0o700);
    const elsewhere = join(dir, 'elsewhere');
    mkdirSync(elsewhere);
    symlinkSync(elsewhere, join(dir, 'link'));
    await expect(open({ dir: join(dir, 'link') }).beginSnapshot('7:70')).rejects.toMatchObject({
      code: 'not-permitted',
    });
  });

  it('ignore files of others', () => {
    mkdirSync(join(dir, 'captures'));
    writeFileSync(join(dir, 'captures', 'notes.txt'), 'mine');
    expect(open().list()).toEqual([]);
    expect(existsSync(join(dir, 'captures', 'notes.txt'))).toBe(true);
  });
});

describe('headroom for a snapshot', () => {
  it.each([
    [100, 2_000, null],
    [100, 9_000, 2_000],
  ])('heap %d, host %d, cgroup %s: is enough', (heapUsedBytes, hostAvailableBytes, cgroupRoomBytes) => {
    expect(() => checkHeadroom({ heapUsedBytes, hostAvailableBytes, cgroupRoomBytes })).not.toThrow();
  });

  it.each([
    [100, 1_999, null],
    [100, 9_000, 1_999],
    [Number.POSITIVE_INFINITY, 9_000, null],
  ])('heap %d, host %d, cgroup %s: is too little', (heapUsedBytes, hostAvailableBytes, cgroupRoomBytes) => {
    expect(() => checkHeadroom({ heapUsedBytes, hostAvailableBytes, cgroupRoomBytes })).toThrow(/20 times/);
  });
});
