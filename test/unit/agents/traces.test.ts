import { describe, expect, test } from 'vitest';
import { AttributionMemory } from '../../../src/agents/index.ts';
import { claude, CODEX, look, mcpEnv, OUTER, toolEnv, inGroup } from '../../support/swarm/look.ts';
import { BOOT_MS, claim, type Described } from '../../support/swarm/rows.ts';

describe('what outlives its agent', () => {
  test('the environment keeps the session of an orphaned server', () => {
    const of = look([
      { pid: 20, ppid: 1, argv: ['npm exec foo@1'], env: mcpEnv(OUTER) },
      { pid: 21, ppid: 20, argv: ['sh', '-c', 'foo'], env: mcpEnv(OUTER) },
      { pid: 22, ppid: 21, argv: ['node', '/x/node_modules/.bin/foo'], env: mcpEnv(OUTER) },
    ]);
    expect(of(20)).toMatchObject({ role: 'wrapper', sessionId: OUTER, agent: null, client: 'claude-code' });
    expect(of(22)).toMatchObject({
      role: 'server',
      sessionId: OUTER,
      agent: null,
      serverHead: '20:20',
      serverName: 'foo',
    });
  });

  test('memory keeps the owner where the environment was stripped (Codex)', () => {
    const memory = new AttributionMemory();
    const server: Described = { pid: 20, ppid: 10, argv: ['node', '/x/fake-mcp.js'] };
    const before = look([{ pid: 10, argv: [CODEX] }, server], [], memory);
    expect(before(20)).toMatchObject({ role: 'server', sessionId: 'codex:10:10', agent: '10:10' });
    for (let again = 0; again < 3; again++) {
      const after = look([{ ...server, ppid: 1 }, { pid: 30 + again }], [], memory);
      expect(after(20)).toMatchObject({ role: 'server', client: 'codex', sessionId: 'codex:10:10', agent: null });
      expect(after(20).evidence.filter(({ kind }) => kind === 'remembered')).toHaveLength(1);
    }
  });

  test('memory holds nothing that has exited, and a reused pid inherits nothing', () => {
    const memory = new AttributionMemory();
    look(
      [
        { pid: 10, argv: [CODEX] },
        { pid: 20, ppid: 10, argv: ['node', '/x/fake-mcp.js'] },
      ],
      [],
      memory,
    );
    const of = look([{ pid: 20, startTime: 5000, ppid: 1, argv: ['node', '/srv/app.js'] }], [], memory);
    expect(of(20)).toMatchObject({ role: 'other', sessionId: null });
    expect(memory.size).toBe(1);
  });

  test('an agent that is a zombie owns nothing any more', () => {
    const memory = new AttributionMemory();
    const server: Described = {
      pid: 20,
      ppid: 10,
      argv: ['node', '/x/foo-mcp.js'],
      env: mcpEnv(OUTER),
      ...inGroup(10),
    };
    const claims = [claim({ pid: 10, startTime: 10, sessionId: OUTER, role: 'agent' })];
    expect(look([claude(10), server], claims, memory)(20)).toMatchObject({ agent: '10:10' });
    const of = look([claude(10, { state: 'zombie' }), { ...server, ppid: 1 }], claims, memory);
    expect(of(20)).toMatchObject({ role: 'server', agent: null, sessionId: OUTER });
    expect(of(10)).toMatchObject({ role: 'agent', agent: null, sessionId: OUTER });
    const late = look([claude(10, { state: 'zombie' }), { ...server, ppid: 1 }], claims);
    expect(late(20)).toMatchObject({ role: 'server', agent: null, sessionId: OUTER });
  });

  test('a server that lost only its wrapper still belongs to its live agent', () => {
    const claims = [claim({ pid: 10, startTime: 10, sessionId: OUTER, role: 'agent' })];
    const of = look([claude(10), { pid: 22, ppid: 1, argv: ['node', '/x/foo-mcp.js'], env: mcpEnv(OUTER) }], claims);
    expect(of(22)).toMatchObject({ role: 'server', agent: '10:10', sessionId: OUTER });
  });

  test('a resumed session is not the owner of what ran before it started', () => {
    const claims = [claim({ pid: 90, startTime: 90, sessionId: OUTER, role: 'agent' })];
    const of = look([claude(90), { pid: 22, ppid: 1, argv: ['node', '/x/foo-mcp.js'], env: mcpEnv(OUTER) }], claims);
    expect(of(22)).toMatchObject({ role: 'server', agent: null, sessionId: OUTER });
  });

  test('a reused parent pid is no parent', () => {
    const of = look([
      claude(10, { startTime: 500 }),
      { pid: 20, ppid: 10, startTime: 20, argv: ['node', '/srv/app.js'] },
    ]);
    expect(of(20).role).toBe('other');
  });
});

describe('environments that were handed on', () => {
  const hosts: [string, Described][] = [
    ['tmux', { pid: 40, argv: ['tmux', 'new'], exe: '/usr/bin/tmux', comm: 'tmux: server', env: toolEnv(OUTER, 10) }],
    ['an editor', { pid: 40, argv: ['/usr/share/code/code', '.'], env: toolEnv(OUTER, 10) }],
    [
      'pm2',
      {
        pid: 40,
        argv: ['PM2 v5.3.0: God Daemon (/root/.pm2)'],
        exe: '/usr/bin/node',
        comm: 'PM2 v5.3.0: God',
        env: toolEnv(OUTER, 10),
      },
    ],
  ];
  test.each(hosts)("%s started from an agent, and the user's work in it, are the user's", (_name, host) => {
    const of = look([
      host,
      { pid: 41, ppid: 40, argv: ['-bash'], exe: '/usr/bin/bash', tty: 7, env: toolEnv(OUTER, 10) },
      { pid: 42, ppid: 41, argv: ['node', 'server.js'], tty: 7, env: toolEnv(OUTER, 10) },
    ]);
    for (const pid of [40, 41, 42]) expect(of(pid)).toMatchObject({ role: 'other', sessionId: null });
  });

  test('also while the agent that opened it lives', () => {
    const of = look([
      claude(10),
      { pid: 11, ppid: 10, argv: ['bash', '-c', 'shell-snapshots/snapshot-bash-1; code .'], env: toolEnv(OUTER, 10) },
      { pid: 40, ppid: 11, argv: ['/usr/share/code/code', '.'], env: toolEnv(OUTER, 10) },
      { pid: 41, ppid: 40, argv: ['node', 'tsserver.js'], env: toolEnv(OUTER, 10) },
    ]);
    expect(of(11).role).toBe('tool');
    expect(of(40).role).toBe('other');
    expect(of(41).role).toBe('other');
  });
});

describe('files on disk', () => {
  test('a claim counts only for a process that started before it was written', () => {
    const server = { pid: 20, ppid: 1, startTime: 1000, argv: ['node', '/srv/worker.js'] };
    const given = {
      kind: 'claude-flow-children',
      pid: 20,
      client: 'claude-flow',
      sessionId: 'flow-1',
      path: '/p/daemon-children.json',
    };
    const after = claim({ ...given, claimedAtMs: BOOT_MS + 60_000 });
    const before = claim({ ...given, claimedAtMs: BOOT_MS + 1000 });
    expect(look([server], [after])(20)).toMatchObject({ client: 'claude-flow', sessionId: 'flow-1' });
    expect(look([server], [before])(20)).toMatchObject({ role: 'other', sessionId: null });
    expect(look([{ ...server, startedAtMs: null }], [after])(20).role).toBe('other');
  });

  test('an agent that writes its pid into the memory bank is attributed by it', () => {
    const written = claim({
      kind: 'memory-bank',
      pid: 20,
      client: 'my-agent',
      agentId: 'coder-1',
      sessionId: 'run-7',
      path: 'memory/agents/coder-1/state.json',
    });
    const of = look(
      [
        { pid: 20, argv: ['python3', 'agent.py'] },
        { pid: 21, ppid: 20, argv: ['node', '/x/foo-mcp/index.js'], processGroup: 20 },
      ],
      [written],
    );
    expect(of(20)).toMatchObject({
      role: 'agent',
      client: 'my-agent',
      sessionId: 'run-7',
      agentId: 'coder-1',
      confidence: 60,
    });
    expect(of(21)).toMatchObject({ role: 'server', sessionId: 'run-7', agent: '20:20' });
  });

  test('the memory bank cannot take over init, a terminal, or another session', () => {
    const lie = (pid: number) =>
      claim({ kind: 'memory-bank', pid, client: 'x', agentId: 'evil', sessionId: 'evil', role: 'agent' });
    const claims = [
      lie(1),
      lie(40),
      lie(41),
      lie(10),
      lie(20),
      claim({ pid: 10, startTime: 10, sessionId: OUTER, role: 'agent' }),
    ];
    const of = look(
      [
        { pid: 1, ppid: 0, argv: ['/sbin/init'] },
        { pid: 40, argv: ['tmux'], comm: 'tmux: server', exe: '/usr/bin/tmux' },
        { pid: 41, ppid: 40, argv: ['-bash'], exe: '/usr/bin/bash', tty: 4 },
        claude(10),
        { pid: 20, ppid: 10, argv: ['node', 'foo-mcp.js'], env: mcpEnv(OUTER), ...inGroup(10) },
      ],
      claims,
    );
    for (const pid of [1, 40, 41]) expect(of(pid).role).toBe('other');
    expect(of(10)).toMatchObject({ sessionId: OUTER });
    expect(of(20)).toMatchObject({ role: 'server', sessionId: OUTER, agent: '10:10' });
  });
});
