import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCacheDoor } from '../../../src/actions/host/cache-door.ts';
import { cacheDoorPath, createCacheReader } from '../../../src/actions/host/caches.ts';
import { until } from '../../support/service/sandbox.ts';

const SELF = { pid: process.pid, startTime: 42 };
const uid = process.geteuid?.() ?? null;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rampart-caches-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const opened = () => until('the door is open', () => existsSync(cacheDoorPath(dir, SELF)));

test('a registered cache is listed, cleared by name or with all, and gone when it is taken back', async () => {
  const cleared: string[] = [];
  const door = createCacheDoor(dir, SELF, () => true);
  const reader = createCacheReader(dir, uid);
  expect(await reader.list(SELF)).toBeNull();
  const takeBack = [
    door.register('a', { clear: () => void cleared.push('a'), bytes: () => 7 }),
    door.register('b', { clear: async () => void cleared.push('b') }),
    door.register('broken', { clear: () => Promise.reject(new Error('no')) }),
  ];
  await opened();
  expect(await reader.list(SELF)).toEqual([
    { name: 'a', bytes: 7 },
    { name: 'b', bytes: null },
    { name: 'broken', bytes: null },
  ]);
  expect(await reader.clear(SELF, 'b')).toEqual(['b']);
  expect(await reader.clear(SELF, null)).toEqual(['a', 'b']);
  expect(cleared).toEqual(['b', 'a', 'b']);
  expect(() => door.register('a', { clear: () => undefined })).toThrow(/cannot be called/);
  // An earlier or later process with this pid is another one.
  expect(await reader.list({ ...SELF, startTime: 43 })).toBeNull();
  for (const back of takeBack) back();
  expect(await reader.list(SELF)).toBeNull();
});

test('nobody else can ask, and rubbish gets no answer', async () => {
  const door = createCacheDoor(dir, SELF, () => true);
  const back = door.register('a', { clear: () => undefined });
  await opened();
  expect(statSync(join(dir, 'caches')).mode & 0o777).toBe(0o700);
  expect(await createCacheReader(dir, (uid ?? 0) + 1).list(SELF)).toBeNull();
  const answer = await new Promise<string>((resolve) => {
    const socket = createConnection({ path: cacheDoorPath(dir, SELF) }, () => socket.write('{"ask":"eval"}\n'));
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('close', () => resolve(text));
  });
  expect(answer).toBe('');
  back();
});

test('takes away what ended processes left, and nothing else', async () => {
  mkdirSync(join(dir, 'caches'));
  for (const name of ['1-1.sock', '2-2.sock', 'other']) writeFileSync(join(dir, 'caches', name), '');
  const back = createCacheDoor(dir, SELF, ({ pid }) => pid === 2).register('a', { clear: () => undefined });
  await opened();
  expect(readdirSync(join(dir, 'caches')).toSorted()).toEqual(['2-2.sock', 'other', `${SELF.pid}-42.sock`].toSorted());
  back();
});
