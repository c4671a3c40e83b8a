import { renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createFileCache } from '../../../src/integrations/file-cache.ts';
import { age, put, tree } from '../../support/integrations/files.ts';

function cacheOf(root: string) {
  return createFileCache<unknown>({ root, maxBytes: 1000, nowMs: Date.now, parse: (json) => ({ value: json }) });
}

it('reads a file again only when it changed', () => {
  const root = tree({ 'f.json': '{"a":1}' });
  const path = join(root, 'f.json');
  age(path);
  const cache = cacheOf(root);
  expect([cache.read(path), cache.read(path), cache.read(path)].map((seen) => seen?.value)).toEqual(
    Array(3).fill({ a: 1 }),
  );
  expect(cache.reads).toBe(1);
  put(root, 'f.json', '{"a":22}');
  expect(cache.read(path)?.value).toEqual({ a: 22 });
});

it('looks twice at what was written just now: a second write may have the same time and size', () => {
  const root = tree({ 'f.json': '{"a":1}' });
  const path = join(root, 'f.json');
  const cache = cacheOf(root);
  // A whole second, so that both writes have the very same time, as on a file system with a coarse clock.
  const second = Math.floor(Date.now() / 1000);
  utimesSync(path, second, second);
  cache.read(path);
  writeFileSync(path, '{"a":2}');
  utimesSync(path, second, second);
  expect(cache.read(path)?.value).toEqual({ a: 2 });
});

it('keeps the last good content while a write is torn, and says so', () => {
  const root = tree({ 'f.json': '{"a":1}' });
  const path = join(root, 'f.json');
  const cache = cacheOf(root);
  cache.read(path);
  put(root, 'f.json', '{"a":');
  expect(cache.read(path)).toEqual({ value: { a: 1 }, problem: expect.stringMatching(/not complete/) });
  put(root, 'f.json', '');
  expect(cache.read(path)).toEqual({ value: { a: 1 }, problem: expect.stringMatching(/empty/) });
  put(root, 'f.json', '{"a":3}');
  expect(cache.read(path)).toEqual({ value: { a: 3 }, problem: null });
});

it('forgets a file that is gone', () => {
  const root = tree({ 'f.json': '{"a":1}' });
  const path = join(root, 'f.json');
  const cache = cacheOf(root);
  cache.read(path);
  rmSync(path);
  expect(cache.read(path)).toBeNull();
  put(root, 'f.json', '');
  expect(cache.read(path)).toEqual({ value: null, problem: expect.stringMatching(/empty/) });
});

it('sees a file that was put in place by a rename with an older time', () => {
  const root = tree({ 'f.json': '{"a":1}', 'new.json': '{"a":2}' });
  const path = join(root, 'f.json');
  for (const name of ['f.json', 'new.json']) age(join(root, name), 100);
  const cache = cacheOf(root);
  cache.read(path);
  renameSync(join(root, 'new.json'), path);
  expect(cache.read(path)?.value).toEqual({ a: 2 });
});
