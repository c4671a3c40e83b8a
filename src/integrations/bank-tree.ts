import { lstatSync, opendirSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { BankRecord } from './bank-records.ts';

/** A folder of the memory bank. */
export interface BankDirectory {
  readonly path: string;
  readonly kind: BankRecord['kind'];
  /** memory/agents or memory/sessions itself. */
  readonly isRoot: boolean;
  readonly ino: number;
  readonly mtimeMs: number;
  /** Its children, as far as they are folders that count. */
  readonly children: readonly string[];
}

export interface BankTree {
  readonly directories: ReadonlyMap<string, BankDirectory>;
  readonly problems: readonly { readonly path: string; readonly reason: string }[];
}

/** Where folders with records are: agents/<id>, sessions/<date>/<session> (or sessions/<session>). */
const ROOTS = [
  { name: 'agents', kind: 'agent', depth: 1 },
  { name: 'sessions', kind: 'session', depth: 2 },
] as const;

/** Each costs two lstat in a sweep (4 µs): 2,000 are 8 ms every 5 s. */
const MAX_DIRECTORIES = 2000;
/** A directory with more entries than that is cut: listing it must not hold up the service. */
const MAX_ENTRIES = 20_000;
/** A directory's time stamp has the grain of the kernel's tick; a younger one may hide a second change. */
const RACY_MS = 2000;

/** The folders as they are now. What `before` knows and has not changed is not listed again. */
export function scanTree(project: string, before: BankTree | null, nowMs: number): BankTree {
  const directories = new Map<string, BankDirectory>();
  const problems: { path: string; reason: string }[] = [];
  const memory = join(project, 'memory');
  const visit = (path: string, kind: BankRecord['kind'], depth: number, isRoot: boolean): void => {
    if (directories.size >= MAX_DIRECTORIES) return;
    const stat = lstatOrNull(path);
    if (stat === null) return;
    if (!stat.isDirectory()) {
      if (stat.isSymbolicLink()) problems.push({ path, reason: 'a symbolic link: refused' });
      return;
    }
    const children = depth === 0 ? [] : childrenOf(path, stat, before?.directories.get(path), nowMs);
    directories.set(path, { path, kind, isRoot, ino: stat.ino, mtimeMs: stat.mtimeMs, children });
    for (const child of children) visit(child, kind, depth - 1, false);
  };
  const top = lstatOrNull(memory);
  if (top?.isSymbolicLink() === true) problems.push({ path: memory, reason: 'a symbolic link: refused' });
  else if (top !== null) for (const { name, kind, depth } of ROOTS) visit(join(memory, name), kind, depth, true);
  if (directories.size >= MAX_DIRECTORIES) {
    problems.push({ path: memory, reason: `more than ${MAX_DIRECTORIES} folders: the rest is not read` });
  }
  return { directories, problems };
}

function childrenOf(path: string, stat: Stats, known: BankDirectory | undefined, nowMs: number): readonly string[] {
  const isSame = known !== undefined && known.ino === stat.ino && known.mtimeMs === stat.mtimeMs;
  if (isSame && stat.mtimeMs < nowMs - RACY_MS) return known.children;
  try {
    const children: string[] = [];
    const directory = opendirSync(path, { bufferSize: 256 });
    try {
      for (let entries = 0; entries < MAX_ENTRIES; entries++) {
        const entry = directory.readSync();
        if (entry === null) break;
        // Links are passed on too: the visit names them as refused. Some file systems tell no type.
        if (!entry.isFile() && !entry.name.startsWith('.')) children.push(join(path, entry.name));
      }
    } finally {
      directory.closeSync();
    }
    return children;
  } catch {
    return [];
  }
}

function lstatOrNull(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

/** The folders to watch when not all can be: the two roots, then the ones that changed last. */
export function worthWatching(tree: BankTree, max: number): ReadonlyMap<string, number> {
  const all = [...tree.directories.values()];
  const byNews = all.toSorted(
    (a, b) => Number(b.children.length > 0) - Number(a.children.length > 0) || b.mtimeMs - a.mtimeMs,
  );
  return new Map((all.length <= max ? all : byNews.slice(0, max)).map(({ path, ino }) => [path, ino]));
}
