import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSessionFiles } from '../../../src/integrations/index.ts';
import { createWatchedFiles } from '../../../src/service/watched-files.ts';

const MINUTE_MS = 60_000;
const ID = '11111111-2222-4333-8444-555555555555';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'rampart-watched-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function put(path: string, bytes: number): string {
  const file = join(home, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, 'x'.repeat(bytes));
  return file;
}

const open = (projects: readonly string[] = []) =>
  createWatchedFiles({
    sessionFiles: createSessionFiles({ home, claudeConfigDir: null }),
    projects: () => projects,
  });

const session = (client: string, sessionId = ID) => ({ client, sessionId, cwd: '/work' });

describe('transcripts of live sessions', () => {
  test.each([
    ['claude-code', `.claude/projects/-work/${ID}.jsonl`],
    ['claude-code', `.claude/projects/-another-slug/${ID}.jsonl`],
    ['codex', `.codex/sessions/2026/11/25/rollout-2026-11-25T10-00-00-${ID}.jsonl`],
    ['gemini-cli', `.gemini/tmp/abc/chats/session-2026-11-25T10-00-${ID.slice(0, 8)}.json`],
  ])('of %s are found: %s', async (client, path) => {
    put(path, 100);
    const [file, ...others] = await open().read([session(client)], 0);
    expect(others).toEqual([]);
    expect(file).toMatchObject({ kind: 'transcript', sessionId: ID, bytes: 100, ratePerHourBytes: null });
    expect(file?.path).toMatch(new RegExp(`${ID.slice(0, 8)}.*\\.jsonl?$`));
  });

  test("are nobody else's, no links, and none of clients that keep theirs elsewhere", async () => {
    put(`.claude/projects/-work/99999999-2222-4333-8444-555555555555.jsonl`, 100);
    const secret = put('secret', 100);
    mkdirSync(join(home, '.codex/sessions/2026/11/25'), { recursive: true });
    symlinkSync(secret, join(home, `.codex/sessions/2026/11/25/rollout-x-${ID}.jsonl`));
    const sessions = [session('claude-code'), session('codex'), session('generic'), session('codex', '../../etc')];
    expect(await open().read(sessions, 0)).toEqual([]);
  });

  test('tell their rate once they were watched for ten minutes', async () => {
    const file = put(`.claude/projects/-work/${ID}.jsonl`, 1_000);
    const watched = open();
    const rates: (number | null | undefined)[] = [];
    for (let minute = 0; minute <= 12; minute += 4) {
      rates.push((await watched.read([session('claude-code')], minute * MINUTE_MS))[0]?.ratePerHourBytes);
      appendFileSync(file, 'x'.repeat(4_000));
    }
    expect(rates).toEqual([null, null, null, 60_000]);
  });

  test('are looked for again after ten minutes where there was none, and read once a minute at most', async () => {
    const watched = open();
    expect(await watched.read([session('claude-code')], 0)).toEqual([]);
    put(`.claude/projects/-work/${ID}.jsonl`, 7);
    expect(await watched.read([session('claude-code')], 5 * MINUTE_MS)).toEqual([]);
    const found = await watched.read([session('claude-code')], 10 * MINUTE_MS);
    expect(found).toHaveLength(1);
    appendFileSync(join(home, `.claude/projects/-work/${ID}.jsonl`), 'more');
    expect(await watched.read([session('claude-code')], 10 * MINUTE_MS + 30_000)).toBe(found);
    expect((await watched.read([session('claude-code')], 11 * MINUTE_MS))[0]?.bytes).toBe(11);
  });
});

test('databases of the projects are watched with the log that SQLite writes beside', async () => {
  put('project/.swarm/memory.db', 50);
  put('project/.swarm/memory.db-wal', 60);
  mkdirSync(join(home, 'project/.hive-mind/hive.db'), { recursive: true });
  const files = await open([join(home, 'project')]).read([], 0);
  expect(files.map(({ kind, bytes }) => [kind, bytes])).toEqual([
    ['database', 50],
    ['database', 60],
  ]);
});
