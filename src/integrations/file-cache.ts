import { lstatSync } from 'node:fs';
import { readJsonInside, type Stamp } from './safe-file.ts';

export interface Seen<T> {
  /** Last good content; null: none yet. A torn write does not take it away, only a deletion does. */
  readonly value: T | null;
  readonly problem: string | null;
}

/** What a parser makes of a file's JSON. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string };

export interface FileCache<T> {
  /** Null: there is no such file. Costs one lstat while the file does not change. */
  read(path: string): Seen<T> | null;
  /** Forgets every file that `keep` does not name. */
  retain(keep: ReadonlySet<string>): void;
  /** Files read so far, to show that nothing is read twice. */
  readonly reads: number;
}

export interface FileCacheOptions<T> {
  /** Files must really be inside this directory. */
  readonly root: string;
  readonly maxBytes: number;
  readonly nowMs: () => number;
  readonly parse: (json: unknown, path: string, modifiedMs: number) => Parsed<T>;
}

/**
 * A file that was written within this time before it was read may be written again with the same time stamp (kernels
 * stamp by the 1–10 ms tick, FAT by 2 s): it is read once more, as git does with its "racily clean" entries.
 */
const RACY_MS = 2000;

interface Entry<T> {
  readonly stamp: Stamp;
  readonly racy: boolean;
  readonly seen: Seen<T>;
}

export function createFileCache<T>({ root, maxBytes, nowMs, parse }: FileCacheOptions<T>): FileCache<T> {
  const entries = new Map<string, Entry<T>>();
  let reads = 0;

  function readAnew(path: string, stamp: Stamp): Seen<T> | null {
    reads += 1;
    const startedMs = nowMs();
    const read = readJsonInside(root, path, maxBytes);
    if (!read.ok && read.missing) {
      entries.delete(path);
      return null;
    }
    const parsed = read.ok ? parse(read.value, path, read.stamp.mtimeMs) : { problem: read.reason };
    const seen: Seen<T> =
      'problem' in parsed
        ? { value: entries.get(path)?.seen.value ?? null, problem: parsed.problem }
        : { value: parsed.value, problem: null };
    const last = read.ok ? read.stamp : stamp;
    entries.set(path, {
      stamp: { ino: last.ino, size: last.size, mtimeMs: last.mtimeMs },
      racy: last.mtimeMs > startedMs - RACY_MS,
      seen,
    });
    return seen;
  }

  return {
    read(path) {
      const stamp = stampOf(path);
      if (stamp === null) {
        entries.delete(path);
        return null;
      }
      const entry = entries.get(path);
      if (entry !== undefined && !entry.racy && isSame(entry.stamp, stamp)) return entry.seen;
      return readAnew(path, stamp);
    },
    retain(keep) {
      for (const path of entries.keys()) if (!keep.has(path)) entries.delete(path);
    },
    get reads() {
      return reads;
    },
  };
}

/** Synchronous on purpose: 2 µs instead of 40, for what is nearly always "not changed". */
function stampOf(path: string): Stamp | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

function isSame(a: Stamp, b: Stamp): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs;
}
