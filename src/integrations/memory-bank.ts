import { join } from 'node:path';
import type { Registry } from '../model/index.ts';
import { type BankRecord, parseRecord, RECORD_FILES } from './bank-records.ts';
import { type BankDirectory, type BankTree, scanTree, worthWatching } from './bank-tree.ts';
import type { ClaimReader } from './claim-reader.ts';
import { type DirectoryWatcher, type OpenDirectoryWatcher, watchDirectories } from './directory-watcher.ts';
import { createFileCache } from './file-cache.ts';

export interface MemoryBankOptions {
  readonly project: string;
  /** Directories that are watched at most; 0: none, and every `read()` looks anew. */
  readonly maxWatches?: number;
  /** How long a change without a hint may stay unseen. */
  readonly sweepMs?: number;
  readonly nowMs?: () => number;
  readonly openWatcher?: OpenDirectoryWatcher;
}

export interface MemoryBank extends ClaimReader {
  /** The claims of all records that name a process. */
  read(): Promise<Registry>;
  records(): readonly BankRecord[];
  /** One full look now. */
  sweep(): void;
  stats(): BankStats;
  /** Ends watching. Nothing here keeps the process alive, also before. */
  close(): void;
}

interface BankStats {
  readonly directories: number;
  readonly watched: number;
  readonly records: number;
  readonly hints: number;
  readonly sweeps: number;
  readonly fileReads: number;
}

/** A state has some KB; a knowledge base does not belong into it. */
const MAX_FILE_BYTES = 256 * 1024;
const SWEEP_MS = 5000;
/** Hints are gathered for so long before a look; while looks keep finding hints waiting, twice as long, up to the most. */
const GATHER_MS = 100;
const MAX_GATHER_MS = 3000;

/**
 * Keeps up with `memory/agents` and `memory/sessions` of a project. Events are only hints where to look; a sweep every
 * five seconds makes the state right whatever was missed. Only directories are watched and only the record files are
 * read, so 10,000 other files beside them cost nothing.
 */
export function watchMemoryBank(options: MemoryBankOptions): MemoryBank {
  const { project, maxWatches = 250, sweepMs = SWEEP_MS, nowMs = Date.now, openWatcher = watchDirectories } = options;
  const files = createFileCache<BankRecord>({
    root: project,
    maxBytes: MAX_FILE_BYTES,
    nowMs,
    parse: (json, path, modifiedMs) => {
      const kind = path.endsWith(RECORD_FILES.agent) ? 'agent' : 'session';
      return parseRecord(kind, json, path, modifiedMs);
    },
  });
  const records = new Map<string, BankRecord>();
  const fileProblems = new Map<string, string>();
  const hinted = new Set<string>();
  const watcher: DirectoryWatcher | null = maxWatches > 0 ? openWatcher(hint) : null;
  const timer = watcher === null ? null : setInterval(sweep, sweepMs).unref();
  let gathering: NodeJS.Timeout | null = null;
  let gatherMs = GATHER_MS;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let tree: BankTree = { directories: new Map(), problems: [] };
  let watchProblem: string | null = null;
  let closed = false;
  let hints = 0;
  let sweeps = 0;

  function hint(directory: string): void {
    hints += 1;
    if (closed) return;
    hinted.add(directory);
    if (gathering !== null) return;
    const isCalm = nowMs() - lookedAtMs > MAX_GATHER_MS;
    gatherMs = isCalm ? GATHER_MS : Math.min(2 * gatherMs, MAX_GATHER_MS);
    gathering = setTimeout(lookWhereHinted, gatherMs).unref();
  }

  function sweep(): void {
    sweeps += 1;
    hinted.clear();
    rescan();
    readRecords(tree.directories.keys());
  }

  function lookWhereHinted(): void {
    gathering = null;
    const directories = [...hinted];
    hinted.clear();
    const before = tree;
    lookedAtMs = nowMs();
    if (directories.some((path) => mayHaveNewFolders(path))) rescan();
    else follow();
    const fresh = [...tree.directories.keys()].filter((path) => !before.directories.has(path));
    readRecords(new Set([...directories, ...fresh]));
  }

  /** A folder for one agent has no folders that count; all others may. A folder that went away also comes up here. */
  function mayHaveNewFolders(path: string): boolean {
    const known = tree.directories.get(path);
    return known === undefined || known.kind === 'session' || known.isRoot;
  }

  function rescan(): void {
    tree = scanTree(project, tree, nowMs());
    follow();
    const alive = new Set([...tree.directories.values()].flatMap((directory) => recordPath(directory) ?? []));
    files.retain(alive);
    for (const path of records.keys()) if (!alive.has(path)) records.delete(path);
    for (const path of fileProblems.keys()) if (!alive.has(path)) fileProblems.delete(path);
  }

  /** Watch first, look then: what happens in between is seen twice rather than never. */
  function follow(): void {
    watchProblem = watcher?.follow(worthWatching(tree, maxWatches)) ?? null;
  }

  function readRecords(directories: Iterable<string>): void {
    for (const directory of directories) {
      const known = tree.directories.get(directory);
      const path = known === undefined ? null : recordPath(known);
      if (path === null) continue;
      const seen = files.read(path);
      if (seen?.value == null) records.delete(path);
      else records.set(path, seen.value);
      if (seen?.problem == null) fileProblems.delete(path);
      else fileProblems.set(path, seen.problem);
    }
  }

  function problems(): Registry['problems'] {
    const ofFiles = [...fileProblems].map(([path, reason]) => ({ path, reason }));
    const ofWatches = watchProblem === null ? [] : [{ path: join(project, 'memory'), reason: watchProblem }];
    return [...tree.problems, ...ofFiles, ...ofWatches];
  }

  return {
    name: 'memory-bank',
    async read() {
      if (!closed && (watcher === null || sweeps === 0)) sweep();
      return { claims: [...records.values()].flatMap((record) => record.claim ?? []), problems: problems() };
    },
    records: () => [...records.values()],
    sweep,
    stats: () => ({
      directories: tree.directories.size,
      watched: watcher?.watched ?? 0,
      records: records.size,
      hints,
      sweeps,
      fileReads: files.reads,
    }),
    close() {
      closed = true;
      if (timer !== null) clearInterval(timer);
      if (gathering !== null) clearTimeout(gathering);
      watcher?.close();
    },
  };
}

/** The file that counts in a folder; the two roots only hold folders. */
function recordPath({ path, kind, isRoot }: BankDirectory): string | null {
  return isRoot ? null : join(path, RECORD_FILES[kind]);
}
