import { copyFile, lstat, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Registry, RegistryClaim } from '../model/index.ts';
import { type ClaimReader, NOTHING } from './claim-reader.ts';
import type { ProjectReaderOptions } from './claude-flow-pids.ts';
import { claimTime, field, type Fields, pidOf, textOf, timeOf } from './fields.ts';
import { isInside } from './safe-file.ts';

/** 143 KB with a 313 KB log were seen; a larger one is not worth blocking the service for. */
const MAX_DB_BYTES = 64 * 1024 * 1024;
/** SQLite is synchronous: this is the longest that a busy writer may hold up the service. */
const BUSY_TIMEOUT_MS = 100;
const MAX_SESSIONS = 200;
const MAX_CHILDREN = 500;

/** What is used of `node:sqlite` (its types come with a later Node than the oldest that we run on). */
interface Sqlite {
  readonly DatabaseSync: new (
    path: string,
    options: { readOnly: boolean },
  ) => {
    exec(sql: string): void;
    prepare(sql: string): { all(...parameters: unknown[]): unknown[] };
    close(): void;
  };
}

export interface HiveDbOptions extends ProjectReaderOptions {
  /** `node:sqlite`, or null where this Node has none. */
  readonly loadSqlite?: () => Promise<Sqlite | null>;
}

/**
 * `.hive-mind/hive.db`: the only place that links a hive (`parent_pid`) to the Claude processes it started
 * (`child_pids`, a JSON list). Only open sessions make claims.
 */
export function hiveDb({ project, loadSqlite = loadNodeSqlite }: HiveDbOptions): ClaimReader {
  const path = join(project, '.hive-mind', 'hive.db');
  let lastKey = '';
  let last: Registry = NOTHING;
  return {
    name: 'hive-db',
    async read() {
      const state = await stateOf(path);
      if (state === null) return NOTHING;
      // A busy or torn look is tried again; everything else only when the files change.
      if (state.key === lastKey) return last;
      const { registry, final } = await readNow(project, path, state, loadSqlite);
      lastKey = final ? state.key : '';
      return (last = registry);
    },
  };
}

interface DbState {
  /** Changes whenever the database or its log does. */
  readonly key: string;
  readonly bytes: number;
  readonly modifiedMs: number;
  readonly isFile: boolean;
  readonly hasLog: boolean;
  /** A process has it open (or died with it open): SQLite's own locks are there to use. */
  readonly isOpen: boolean;
}

async function stateOf(path: string): Promise<DbState | null> {
  const [db, wal, shm] = await Promise.all(
    [path, `${path}-wal`, `${path}-shm`].map((file) => lstat(file).catch(() => null)),
  );
  if (db == null) return null;
  return {
    key: [db, wal].map((stat) => (stat == null ? '-' : `${stat.ino}:${stat.size}:${stat.mtimeMs}`)).join(' '),
    bytes: db.size + (wal?.size ?? 0),
    modifiedMs: Math.max(db.mtimeMs, wal?.mtimeMs ?? 0),
    isFile: db.isFile() && (wal?.isFile() ?? true) && (shm?.isFile() ?? true),
    hasLog: wal != null,
    isOpen: wal != null && shm != null,
  };
}

async function readNow(
  project: string,
  path: string,
  state: DbState,
  loadSqlite: () => Promise<Sqlite | null>,
): Promise<{ registry: Registry; final: boolean }> {
  const problem = (reason: string, final = true) => ({ registry: { claims: [], problems: [{ path, reason }] }, final });
  if (!state.isFile) return problem('not a regular file: refused');
  if (!isInside(await realpath(project), await realpath(path))) return problem('leads out of the project: refused');
  if (state.bytes > MAX_DB_BYTES) return problem(`${state.bytes} bytes, more than the ${MAX_DB_BYTES} that are read`);
  const sqlite = await loadSqlite();
  if (sqlite === null)
    return problem(
      `needs Node ≥ 22.13 (this is ${process.version}): the links of a hive to its children are not known`,
    );
  try {
    const rows = state.isOpen ? query(sqlite, path) : await queryCopy(sqlite, path, state);
    if (rows === null) return problem('is being written; tried again at the next look', false);
    return {
      registry: { claims: rows.flatMap((row) => claimsOf(row as Fields, path, state.modifiedMs)), problems: [] },
      final: true,
    };
  } catch (cause) {
    return problem(`cannot be read: ${textOf((cause as Error).message) ?? 'unknown error'}`, false);
  }
}

function query(sqlite: Sqlite, path: string): unknown[] {
  const db = new sqlite.DatabaseSync(path, { readOnly: true });
  try {
    db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA query_only = 1`);
    // `*`: the pid columns came with a migration, and a query that names them fails on older databases.
    return db.prepare('SELECT * FROM sessions ORDER BY updated_at DESC LIMIT ?').all(MAX_SESSIONS);
  } finally {
    db.close();
  }
}

/**
 * Nobody has it open: SQLite would leave `-wal` and `-shm` files behind even after reading only, and Claude-Flow's
 * folder is not ours to litter. So a private copy is read. Null: it changed meanwhile.
 */
async function queryCopy(sqlite: Sqlite, path: string, before: DbState): Promise<unknown[] | null> {
  const directory = await mkdtemp(join(tmpdir(), 'rampart-hive-'));
  try {
    const copy = join(directory, 'hive.db');
    await copyFile(path, copy);
    if (before.hasLog) await copyFile(`${path}-wal`, `${copy}-wal`);
    const after = await stateOf(path);
    return after?.key === before.key && !after.isOpen ? query(sqlite, copy) : null;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const CLOSED = new Set(['stopped', 'completed', 'archived', 'failed']);

function claimsOf(row: Fields, path: string, modifiedMs: number): RegistryClaim[] {
  const status = textOf(row['status'], 40);
  if (status !== null && CLOSED.has(status)) return [];
  const updatedMs = utcOf(row['updated_at']);
  const shared = {
    kind: 'hive-db',
    startTime: null,
    claimedAtMs: claimTime(modifiedMs, updatedMs),
    sessionId: textOf(field(row, 'id')),
    agentId: null,
    role: 'agent' as const,
    name: textOf(row['swarm_name']),
    cwd: null,
    status,
    statusAtMs: updatedMs,
    path,
  };
  const parent = pidOf(row['parent_pid']);
  const children = childPids(row['child_pids']);
  return [
    ...(parent === null ? [] : [{ ...shared, pid: parent, client: 'claude-flow' }]),
    ...children.map((pid) => ({ ...shared, pid, client: 'claude-code' })),
  ];
}

/** SQLite's CURRENT_TIMESTAMP: `2026-11-22 08:17:35`, UTC without saying so. */
function utcOf(value: unknown): number | null {
  return timeOf(
    typeof value === 'string' && /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(value) ? `${value.replace(' ', 'T')}Z` : value,
  );
}

function childPids(value: unknown): number[] {
  if (typeof value !== 'string' || value.length > 64 * 1024) return [];
  try {
    const list: unknown = JSON.parse(value);
    return Array.isArray(list) ? list.slice(0, MAX_CHILDREN).flatMap((pid: unknown) => pidOf(pid) ?? []) : [];
  } catch {
    return [];
  }
}

async function loadNodeSqlite(): Promise<Sqlite | null> {
  const name = 'node:sqlite';
  try {
    return (await import(name)) as Sqlite;
  } catch {
    return null;
  }
}
