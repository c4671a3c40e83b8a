import { RampartError, type Store } from '../../../src/model/index.ts';

/** Every operation takes a few turns of the event loop, so that readers and the writer really interleave. */
export function slow(store: Store): Store {
  const wait = async (): Promise<void> => {
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    append: async (name, bytes) => (await wait(), store.append(name, bytes)),
    read: async (name) => (await wait(), store.read(name)),
    list: async () => (await wait(), store.list()),
    replace: async (name, bytes) => (await wait(), store.replace(name, bytes)),
    remove: async (name) => (await wait(), store.remove(name)),
  };
}

/** A disk that gets full, or cannot be listed, on demand. */
export function breakable(inner: Store): { store: Store; full: boolean; unreadable: boolean } {
  const disk = {
    full: false,
    unreadable: false,
    store: {
      ...inner,
      append: (name: string, bytes: Uint8Array) => (disk.full ? Promise.reject(full()) : inner.append(name, bytes)),
      replace: (name: string, bytes: Uint8Array) => (disk.full ? Promise.reject(full()) : inner.replace(name, bytes)),
      list: () =>
        disk.unreadable ? Promise.reject(new RampartError('not-permitted', 'may not', 'mend it')) : inner.list(),
    },
  };
  return disk;
}

function full(): RampartError {
  return new RampartError('io', 'the disk is full', 'Free some space.');
}

/** Writes number `dieAt` and all later ones fail; of number `dieAt` the bytes arrive when it dies after it. */
export function dying(
  inner: Store,
  dieAt: number,
  when: 'before' | 'after',
): { store: Store; inner: Store; dead: () => boolean } {
  let writes = 0;
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    writes += 1;
    if (writes < dieAt) return work();
    if (writes === dieAt && when === 'after') await work();
    throw new RampartError('io', 'died', 'start again');
  };
  return {
    inner,
    dead: () => writes >= dieAt,
    store: {
      read: (name) => inner.read(name),
      list: () => inner.list(),
      append: (name, bytes) => attempt(() => inner.append(name, bytes)),
      replace: (name, bytes) => attempt(() => inner.replace(name, bytes)),
      remove: (name) => attempt(() => inner.remove(name)),
    },
  };
}
