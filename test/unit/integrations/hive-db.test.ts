import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { hiveDb } from '../../../src/integrations/hive-db.ts';
import { put, tree } from '../../support/integrations/files.ts';

interface Database {
  exec(sql: string): void;
  prepare(sql: string): { run(...values: unknown[]): unknown };
  close(): void;
}

const name = 'node:sqlite';
const sqlite = (await import(name).catch(() => null)) as { DatabaseSync: new (path: string) => Database } | null;

const COLUMNS = 'id TEXT, swarm_id TEXT, swarm_name TEXT, objective TEXT, status TEXT, updated_at DATETIME';
const open: Database[] = [];
afterEach(() => {
  for (const database of open.splice(0)) database.close();
});

function hive(project: string, columns = `${COLUMNS}, parent_pid INTEGER, child_pids TEXT`): Database {
  if (sqlite === null) throw new Error('no node:sqlite');
  mkdirSync(join(project, '.hive-mind'), { recursive: true });
  const database = new sqlite.DatabaseSync(join(project, '.hive-mind/hive.db'));
  database.exec(`PRAGMA journal_mode = WAL; CREATE TABLE sessions (${columns})`);
  open.push(database);
  return database;
}

function insert(database: Database, id: string, status: string, parent: number | null, children: string | null): void {
  const sql = 'INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?)';
  database
    .prepare(sql)
    .run(id, 's', `hive of ${id}`, 'secret objective', status, '2026-11-22 08:17:35', parent, children);
}

function closeAll(): void {
  for (const database of open.splice(0)) database.close();
}

const filesOf = (project: string) => readdirSync(join(project, '.hive-mind')).toSorted();

describe('hive.db without node:sqlite', () => {
  it('says which Node it needs', async () => {
    const project = tree({ '.hive-mind/hive.db': 'x' });
    const { claims, problems } = await hiveDb({ project, loadSqlite: async () => null }).read();
    expect(claims).toEqual([]);
    expect(problems).toEqual([
      { path: join(project, '.hive-mind/hive.db'), reason: expect.stringMatching(/needs Node ≥ 22\.13/) },
    ]);
  });

  it('is quiet in a project without a hive', async () => {
    expect(await hiveDb({ project: tree(), loadSqlite: async () => null }).read()).toEqual({
      claims: [],
      problems: [],
    });
  });

  it('refuses a link and a directory before anything is opened', async () => {
    const outside = tree({ 'hive.db': 'x' });
    const linked = tree({ '.hive-mind/x': '' });
    symlinkSync(join(outside, 'hive.db'), join(linked, '.hive-mind/hive.db'));
    const loadSqlite = async (): Promise<never> => {
      throw new Error('was opened');
    };
    expect((await hiveDb({ project: linked, loadSqlite }).read()).problems[0]?.reason).toMatch(/refused/);
    const led = tree();
    symlinkSync(outside, join(led, '.hive-mind'));
    expect((await hiveDb({ project: led, loadSqlite }).read()).problems[0]?.reason).toMatch(/leads out/);
  });
});

describe.runIf(sqlite !== null)('hive.db', () => {
  it('links a hive to its children, while its writer has it open', async () => {
    const project = tree();
    const database = hive(project);
    insert(database, 'session-1', 'active', 100, '[101, 102, "x", -3]');
    insert(database, 'session-2', 'stopped', 200, '[201]');
    insert(database, 'session-3', 'paused', 300, null);
    const before = filesOf(project);
    const { claims, problems } = await hiveDb({ project }).read();
    expect(problems).toEqual([]);
    expect(claims.map(({ pid, client, sessionId, claimedAtMs }) => [pid, client, sessionId, claimedAtMs])).toEqual(
      [
        [100, 'claude-flow', 'session-1'],
        [101, 'claude-code', 'session-1'],
        [102, 'claude-code', 'session-1'],
        [300, 'claude-flow', 'session-3'],
      ].map((row) => [...row, Math.min(Date.parse('2026-11-22T08:17:35Z'), Date.now())]),
    );
    expect(filesOf(project)).toEqual(before);
  });

  it('sees what a live writer adds, and reads nothing while it adds nothing', async () => {
    const project = tree();
    const database = hive(project);
    insert(database, 'session-1', 'active', 100, '[]');
    const reader = hiveDb({ project });
    const first = await reader.read();
    expect(await reader.read()).toBe(first);
    insert(database, 'session-2', 'active', 200, '[201]');
    expect(new Set((await reader.read()).claims.map(({ pid }) => pid))).toEqual(new Set([100, 200, 201]));
  });

  it('leaves no file behind in a hive that nobody has open, nor in the temporary directory', async () => {
    const project = tree();
    insert(hive(project), 'session-1', 'active', 100, '[101]');
    closeAll();
    expect(filesOf(project)).toEqual(['hive.db']);
    const bytes = readFileSync(join(project, '.hive-mind/hive.db'));
    expect((await hiveDb({ project }).read()).claims.map(({ pid }) => pid)).toEqual([100, 101]);
    expect(filesOf(project)).toEqual(['hive.db']);
    expect(readFileSync(join(project, '.hive-mind/hive.db')).equals(bytes)).toBe(true);
  });

  it('reads the log that a killed writer left, and leaves it as it is', async () => {
    const writer = tree();
    insert(hive(writer), 'session-1', 'active', 100, '[101]');
    const project = tree({ '.hive-mind/x': '' });
    for (const file of ['hive.db', 'hive.db-wal'])
      copyFileSync(join(writer, '.hive-mind', file), join(project, '.hive-mind', file));
    expect((await hiveDb({ project }).read()).claims.map(({ pid }) => pid)).toEqual([100, 101]);
    expect(filesOf(project)).toEqual(['hive.db', 'hive.db-wal', 'x']);
  });

  it('waits for the next look while somebody holds the lock', async () => {
    const project = tree();
    const database = hive(project);
    insert(database, 'session-1', 'active', 100, '[]');
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    const reader = hiveDb({ project });
    expect((await reader.read()).problems[0]?.reason).toMatch(/cannot be read: .*locked/);
    database.exec('COMMIT; PRAGMA locking_mode = NORMAL; SELECT 1 FROM sessions');
    expect((await reader.read()).claims.map(({ pid }) => pid)).toEqual([100]);
  });

  it('gives a reason for a database from before the pid columns, another one, and none at all', async () => {
    const old = tree();
    hive(old, COLUMNS).exec("INSERT INTO sessions VALUES ('a', 's', 'n', 'o', 'active', '2026-11-22 08:17:35')");
    expect(await hiveDb({ project: old }).read()).toEqual({ claims: [], problems: [] });
    const other = tree();
    hive(other).exec('DROP TABLE sessions');
    expect((await hiveDb({ project: other }).read()).problems[0]?.reason).toMatch(/no such table/);
    const rubbish = tree({ '.hive-mind/hive.db': 'this is no database, '.repeat(100) });
    expect((await hiveDb({ project: rubbish }).read()).problems[0]?.reason).toMatch(/not a database/);
    const empty = tree({ '.hive-mind/hive.db': '' });
    expect((await hiveDb({ project: empty }).read()).claims).toEqual([]);
  });

  it('sees a database that is put in place of another', async () => {
    const [project, other] = [tree(), tree()];
    insert(hive(project), 'a', 'active', 100, '[]');
    insert(hive(other), 'b', 'active', 200, '[]');
    closeAll();
    const reader = hiveDb({ project });
    await reader.read();
    renameSync(join(other, '.hive-mind/hive.db'), join(project, '.hive-mind/hive.db'));
    expect((await reader.read()).claims.map(({ pid }) => pid)).toEqual([200]);
    expect(existsSync(join(project, '.hive-mind/hive.db-wal'))).toBe(false);
    put(project, '.hive-mind/x', '');
  });
});
