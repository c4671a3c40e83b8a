import type { Store } from '../model/index.ts';
import { checkName } from './store-names.ts';

/** Named files in RAM, for tests and for a history that shall leave nothing behind. */
export function createMemoryStore(nowMs: () => number = () => 0): Store {
  const files = new Map<string, { bytes: Uint8Array; modifiedMs: number }>();
  return {
    append: async (name, bytes) => {
      const before = files.get(checkName(name))?.bytes ?? new Uint8Array(0);
      const joined = new Uint8Array(before.length + bytes.length);
      joined.set(before);
      joined.set(bytes, before.length);
      files.set(name, { bytes: joined, modifiedMs: nowMs() });
    },
    read: async (name) => files.get(checkName(name))?.bytes.slice() ?? null,
    list: async () =>
      [...files].map(([name, file]) => ({ name, bytes: file.bytes.length, modifiedMs: file.modifiedMs })),
    replace: async (name, bytes) => {
      files.set(checkName(name), { bytes: bytes.slice(), modifiedMs: nowMs() });
    },
    remove: async (name) => {
      files.delete(checkName(name));
    },
  };
}
