import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { OpenDirectoryWatcher } from '../../../src/integrations/directory-watcher.ts';
import { watchMemoryBank } from '../../../src/integrations/memory-bank.ts';
import { age, put, tree } from '../../support/integrations/files.ts';

const AGENT = {
  pid: 4242,
  startTime: 99_001,
  sessionId: 's-1',
  role: 'agent',
  name: 'coder',
  client: 'codex',
  status: 'busy',
  cwd: '/w',
  updatedAt: 1_700_000_000_000,
};

/** Looks only when asked. */
const bankOf = (project: string) => watchMemoryBank({ project, maxWatches: 0 });
const pids = async (bank: ReturnType<typeof bankOf>) =>
  (await bank.read()).claims.map(({ pid }) => pid).toSorted((a, b) => a - b);

describe('records', () => {
  it('a full one of ours is attributed by it', async () => {
    const project = tree({ 'memory/agents/a-1/state.json': { ...AGENT, agentId: 'coder-7' } });
    expect(await bankOf(project).read()).toEqual({
      problems: [],
      claims: [
        {
          kind: 'memory-bank',
          pid: 4242,
          startTime: 99_001,
          claimedAtMs: 1_700_000_000_000,
          client: 'codex',
          sessionId: 's-1',
          agentId: 'coder-7',
          role: 'agent',
          name: 'coder',
          cwd: '/w',
          status: 'busy',
          statusAtMs: 1_700_000_000_000,
          path: join(project, 'memory/agents/a-1/state.json'),
        },
      ],
    });
  });

  it.each<[string, string, unknown, object]>([
    [
      'the least',
      'agents/a-1/state.json',
      { pid: 7 },
      { pid: 7, agentId: 'a-1', startTime: null, role: 'agent', client: 'memory-bank', sessionId: null },
    ],
    ['a server', 'agents/a-1/state.json', { pid: 7, role: 'server' }, { role: 'server' }],
    [
      'snake case',
      'agents/a-1/state.json',
      { process_id: 7, agent_id: 'x', session_id: 'y', start_time: '12' },
      { pid: 7, agentId: 'x', sessionId: 'y', startTime: 12 },
    ],
    [
      "Claude-Flow's names",
      'agents/a-1/state.json',
      { pid: 7, id: 'x', type: 'coder', lastActivity: 1_700_000_000_000 },
      { agentId: 'x', name: 'coder', statusAtMs: 1_700_000_000_000 },
    ],
    [
      'a session by date',
      'sessions/2026-11-23/s-9/metadata.json',
      { pid: 7, title: 'T' },
      { sessionId: 's-9', agentId: null, name: 'T' },
    ],
    ['a session without a date', 'sessions/s-9/metadata.json', { pid: 7, id: 's-10' }, { sessionId: 's-10' }],
    [
      'hostile text',
      'agents/a-1/state.json',
      { pid: 7, name: '\u001b]0;x\u0007\u202eevil\n', status: 'sk-ant-aaaaaaaaaa', role: 'root', startTime: -1 },
      { name: ']0;x evil', status: '[redacted]', role: 'agent', startTime: null },
    ],
  ])('%s', async (_, name, content, claim) => {
    const { claims, problems } = await bankOf(tree({ [`memory/${name}`]: content })).read();
    expect(problems).toEqual([]);
    expect(claims).toEqual([expect.objectContaining(claim)]);
  });

  it('without a pid is a record and no claim', async () => {
    const bank = bankOf(
      tree({ 'memory/agents/a-1/state.json': { status: 'idle' }, 'memory/sessions/2026-01-01/s/metadata.json': {} }),
    );
    expect((await bank.read()).claims).toEqual([]);
    expect(bank.records().map(({ kind, id, status }) => [kind, id, status])).toEqual([
      ['agent', 'a-1', 'idle'],
      ['session', 's', null],
    ]);
  });

  it.each<[string, unknown, RegExp]>([
    ['empty', '', /^empty/],
    ['torn', '{"pid": 42', /^not complete/],
    ['a list', [], /not an object/],
    ['with a pid of text', { pid: 'abc' }, /pid is not/],
    ['with pid 0', { pid: 0 }, /pid is not/],
    ['with half a pid', { pid: 1.5 }, /pid is not/],
    ['huge', `{"pid":1,"x":"${'x'.repeat(300_000)}"}`, /more than/],
  ])('that are %s give a reason', async (_, content, reason) => {
    const { claims, problems } = await bankOf(tree({ 'memory/agents/a-1/state.json': content })).read();
    expect(claims).toEqual([]);
    expect(problems).toEqual([
      { path: expect.stringMatching(/a-1\/state\.json$/), reason: expect.stringMatching(reason) },
    ]);
  });

  it('count only where the README says', async () => {
    const project = tree({
      'memory/agents/state.json': AGENT,
      'memory/agents/a/deep/state.json': AGENT,
      'memory/agents/a/other.json': AGENT,
      'memory/agents/.git/state.json': AGENT,
      'memory/sessions/metadata.json': AGENT,
      'memory/sessions/d/s/artifacts/metadata.json': AGENT,
      'memory/other/a/state.json': AGENT,
    });
    expect(await bankOf(project).read()).toEqual({ claims: [], problems: [] });
  });
});

describe('the tree', () => {
  it('may be missing, come, change and go', async () => {
    const project = tree();
    const bank = bankOf(project);
    expect(await bank.read()).toEqual({ claims: [], problems: [] });
    put(project, 'memory/agents/a/state.json', { pid: 1 });
    put(project, 'memory/agents/b/state.json', { pid: 2 });
    expect(await pids(bank)).toEqual([1, 2]);
    renameSync(join(project, 'memory/agents/a'), join(project, 'memory/agents/c'));
    expect(new Set((await bank.read()).claims.map(({ agentId }) => agentId))).toEqual(new Set(['b', 'c']));
    rmSync(join(project, 'memory/agents/b/state.json'));
    expect(await pids(bank)).toEqual([1]);
    rmSync(join(project, 'memory'), { recursive: true });
    expect(await bank.read()).toEqual({ claims: [], problems: [] });
    writeFileSync(join(project, 'memory'), 'a file now');
    expect(await bank.read()).toEqual({ claims: [], problems: [] });
  });

  it('does not lose a record to a torn write, only to its deletion', async () => {
    const project = tree({ 'memory/agents/a/state.json': { pid: 1 } });
    const bank = bankOf(project);
    await bank.read();
    put(project, 'memory/agents/a/state.json', '{"pi');
    const { claims, problems } = await bank.read();
    expect([claims.map(({ pid }) => pid), problems.length]).toEqual([[1], 1]);
    put(project, 'memory/agents/a/state.json', { pid: 3 });
    expect(await bank.read()).toMatchObject({ claims: [{ pid: 3 }], problems: [] });
  });

  it.each([
    ['memory', 'memory'],
    ['memory/agents', 'memory/agents'],
    ['an agent', 'memory/agents/evil'],
  ])('refuses a symbolic link in place of %s', async (_, where) => {
    const outside = tree({
      'state.json': { pid: 666 },
      'agents/evil/state.json': { pid: 666 },
      'evil/state.json': { pid: 666 },
    });
    const project = tree({ [where === 'memory' ? 'x' : 'memory/x']: '' });
    mkdirSync(join(project, where, '..'), { recursive: true });
    symlinkSync(outside, join(project, where));
    const { claims, problems } = await bankOf(project).read();
    expect(claims).toEqual([]);
    expect(problems).toEqual([{ path: join(project, where), reason: 'a symbolic link: refused' }]);
  });

  it('refuses a record that is a link, and a loop', async () => {
    const outside = tree({ 'state.json': { pid: 666 } });
    const project = tree({ 'memory/agents/a/x': '', 'memory/sessions/d/x': '' });
    symlinkSync(join(outside, 'state.json'), join(project, 'memory/agents/a/state.json'));
    symlinkSync('..', join(project, 'memory/sessions/d/loop'));
    const { claims, problems } = await bankOf(project).read();
    expect(claims).toEqual([]);
    expect(problems.map(({ reason }) => reason)).toEqual(Array(2).fill('a symbolic link: refused'));
  });

  it('says when there are more folders than it follows', async () => {
    const project = tree();
    for (let index = 0; index < 2100; index += 1)
      mkdirSync(join(project, `memory/agents/a-${index}`), { recursive: true });
    const bank = bankOf(project);
    expect((await bank.read()).problems).toEqual([
      { path: join(project, 'memory'), reason: expect.stringMatching(/2000 folders/) },
    ]);
    expect(bank.stats().directories).toBe(2000);
  });

  it('reads nothing again while nothing changes', async () => {
    const project = tree();
    for (let index = 0; index < 20; index += 1)
      age(put(project, `memory/agents/a-${index}/state.json`, { pid: index + 1 }));
    const bank = bankOf(project);
    for (let look = 0; look < 5; look += 1) await bank.read();
    expect(bank.stats()).toMatchObject({ records: 20, fileReads: 20, sweeps: 5, watched: 0 });
  });
});

describe('watching', () => {
  /** A watcher whose hints are given by hand. */
  function fake(fail: string | null = null) {
    const state: { hint: (directory: string) => void; followed: string[]; closed: boolean } = {
      hint: () => {},
      followed: [],
      closed: false,
    };
    const open: OpenDirectoryWatcher = (onHint) => {
      state.hint = onHint;
      return {
        follow: (directories) => {
          state.followed = [...directories.keys()];
          return fail;
        },
        get watched() {
          return state.followed.length;
        },
        close: () => void (state.closed = true),
      };
    };
    return { state, open };
  }

  it('gives the watches that there are to roots and to what changed last', async () => {
    const project = tree();
    for (let index = 0; index < 10; index += 1) {
      put(project, `memory/agents/a-${index}/state.json`, { pid: index + 1 });
      age(join(project, `memory/agents/a-${index}`), 1000 - index);
    }
    const { state, open } = fake();
    const bank = watchMemoryBank({ project, maxWatches: 3, openWatcher: open });
    expect(await pids(bank)).toHaveLength(10);
    expect(state.followed.map((path) => path.slice(project.length + 1))).toEqual([
      'memory/agents',
      'memory/agents/a-9',
      'memory/agents/a-8',
    ]);
    bank.close();
    expect(state.closed).toBe(true);
  });

  it('says that the watches are used up, and goes on by the sweep', async () => {
    const project = tree({ 'memory/agents/a/state.json': { pid: 1 } });
    const { open } = fake('no more watches (ENOSPC): changes are seen by the sweep');
    const bank = watchMemoryBank({ project, openWatcher: open });
    const { claims, problems } = await bank.read();
    expect([claims.length, problems[0]?.reason]).toEqual([
      1,
      'no more watches (ENOSPC): changes are seen by the sweep',
    ]);
    put(project, 'memory/agents/a/state.json', { pid: 22 });
    bank.sweep();
    expect(await pids(bank)).toEqual([22]);
    bank.close();
  });

  it('takes no hint and no time after close', async () => {
    const project = tree({ 'memory/agents/a/state.json': { pid: 1 } });
    const { state, open } = fake();
    const bank = watchMemoryBank({ project, openWatcher: open });
    await bank.read();
    bank.close();
    state.hint(join(project, 'memory/agents/a'));
    put(project, 'memory/agents/a/state.json', { pid: 22 });
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(await pids(bank)).toEqual([1]);
  });
});
