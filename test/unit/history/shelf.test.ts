import { expect, it } from 'vitest';
import { createMemoryStore } from '../../../src/history/index.ts';
import { Shelf } from '../../../src/history/shelf.ts';

it('deletes nothing that somebody reads, and all of it afterwards', async () => {
  const store = createMemoryStore();
  const name = 'raw-0000000001-0000000001-5-9.seg';
  await store.replace(name, Uint8Array.of(1));
  const shelf = new Shelf(store);
  await shelf.load();
  const seen = shelf.files;
  let finish = (): void => undefined;
  const reading = shelf.reading(() => new Promise<void>((resolve) => (finish = resolve)));
  shelf.exchange(seen, []);
  expect(shelf.files).toEqual([]);
  await shelf.sweep();
  expect(await store.read(name)).not.toBeNull();
  finish();
  await reading;
  await shelf.sweep();
  expect(await store.read(name)).toBeNull();
});

it('tries again to delete what could not be deleted', async () => {
  const store = createMemoryStore();
  const name = 'raw-0000000001-0000000001-5-9.seg';
  await store.replace(name, Uint8Array.of(1));
  let broken = true;
  const shelf = new Shelf({
    ...store,
    remove: (which) => (broken ? Promise.reject(new Error('busy')) : store.remove(which)),
  });
  await shelf.load();
  shelf.exchange(shelf.files, []);
  await expect(shelf.sweep()).rejects.toThrow('busy');
  broken = false;
  await shelf.sweep();
  expect(await store.list()).toEqual([]);
});
