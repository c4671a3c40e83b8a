import { describe, expect, test } from 'vitest';
import { claude, INNER, look, mcpEnv, OUTER, toolEnv, inGroup } from '../../support/swarm/look.ts';
import { claim, type Described } from '../../support/swarm/rows.ts';

describe('children of Claude Code', () => {
  const agent = claude(10);
  const session = [claim({ pid: 10, startTime: 10, sessionId: OUTER, role: 'agent' })];

  test('npx → sh → node is one server with two wrappers', () => {
    const of = look(
      [
        agent,
        {
          pid: 20,
          ppid: 10,
          argv: ['npm exec @modelcontextprotocol/server-memory@1.2.3'],
          comm: 'npm exec @model',
          env: mcpEnv(OUTER),
          ...inGroup(10),
        },
        { pid: 21, ppid: 20, argv: ['sh', '-c', 'mcp-server-memory'], env: mcpEnv(OUTER), ...inGroup(10) },
        {
          pid: 22,
          ppid: 21,
          argv: ['node', '/home/user/.npm/_npx/9a/node_modules/.bin/mcp-server-memory'],
          env: mcpEnv(OUTER),
          ...inGroup(10),
        },
      ],
      session,
    );
    const common = {
      serverName: '@modelcontextprotocol/server-memory',
      serverHead: '20:20',
      sessionId: OUTER,
      agent: '10:10',
    };
    expect(of(20)).toMatchObject({ role: 'wrapper', ...common });
    expect(of(21)).toMatchObject({ role: 'wrapper', ...common });
    expect(of(22)).toMatchObject({ role: 'server', ...common });
    expect(of(22).confidence).toBeGreaterThanOrEqual(95);
  });

  test('a shell script can be the server itself', () => {
    const script: Described = {
      pid: 20,
      ppid: 10,
      argv: ['bash', '/srv/notes.sh'],
      env: mcpEnv(OUTER),
      ...inGroup(10),
    };
    expect(look([agent, script])(20)).toMatchObject({ role: 'server', serverName: 'notes' });
    const child: Described = { pid: 21, ppid: 20, argv: ['node', '/srv/x.js'], env: mcpEnv(OUTER), ...inGroup(10) };
    const of = look([agent, script, child]);
    expect([of(20).role, of(21).role]).toEqual(['wrapper', 'server']);
  });

  test('what a server starts (a browser) is billed to the server', () => {
    const of = look([
      agent,
      {
        pid: 20,
        ppid: 10,
        argv: ['node', '/x/node_modules/chrome-devtools-mcp/build/src/index.js'],
        env: mcpEnv(OUTER),
        ...inGroup(10),
      },
      { pid: 21, ppid: 20, argv: ['/opt/google/chrome/chrome', '--headless'], env: mcpEnv(OUTER) },
    ]);
    expect(of(21)).toMatchObject({ role: 'server', serverName: 'chrome-devtools-mcp', serverHead: '20:20' });
  });

  test('a Bash tool and all below it are tools', () => {
    const of = look(
      [
        agent,
        {
          pid: 30,
          ppid: 10,
          argv: ['/bin/bash', '-c', 'source /home/user/.claude/shell-snapshots/snapshot-bash-1.sh && npx vitest'],
          env: toolEnv(OUTER, 10),
        },
        { pid: 31, ppid: 30, argv: ['npm exec vitest'], env: toolEnv(OUTER, 10), processGroup: 30 },
        {
          pid: 32,
          ppid: 31,
          argv: ['node (vitest 1)'],
          exe: '/usr/bin/node',
          env: toolEnv(OUTER, 10),
          processGroup: 30,
        },
        {
          pid: 33,
          ppid: 30,
          argv: ['node', '/x/node_modules/my-mcp/index.js'],
          env: toolEnv(OUTER, 10),
          processGroup: 30,
        },
      ],
      session,
    );
    for (const pid of [30, 31, 32, 33])
      expect(of(pid)).toMatchObject({ role: 'tool', sessionId: OUTER, agent: '10:10' });
  });

  test('a hook is a tool', () => {
    const of = look([
      agent,
      { pid: 30, ppid: 10, argv: ['/bin/sh', '-c', 'node hook.js'], env: toolEnv(OUTER, 10), ...inGroup(10) },
    ]);
    expect(of(30).role).toBe('tool');
  });

  test('an unreadable environment leaves ancestry and names', () => {
    const of = look([
      agent,
      { pid: 20, ppid: 10, argv: ['node', '/x/node_modules/foo-mcp/index.js'], ...inGroup(10) },
      { pid: 30, ppid: 10, argv: ['/bin/zsh', '-c', 'make test'] },
    ]);
    expect(of(20)).toMatchObject({ role: 'server', serverName: 'foo-mcp' });
    expect(of(30)).toMatchObject({ role: 'tool' });
  });
});

describe('nested agents', () => {
  const tree: Described[] = [
    claude(10),
    {
      pid: 11,
      ppid: 10,
      argv: ['bash', '-c', 'source shell-snapshots/snapshot-bash-1; claude -p x'],
      env: toolEnv(OUTER, 10),
    },
    claude(12, { ppid: 11, argv: ['-p', 'x'], env: toolEnv(OUTER, 10), tty: 0 }),
    // The inner agent hands its own id to its server …
    { pid: 13, ppid: 12, argv: ['node', 'srv.js'], env: mcpEnv(INNER), processGroup: 12 },
    // … and this server was given the outer id by hand: the agent above it decides.
    { pid: 14, ppid: 12, argv: ['node', 'odd-mcp.js'], env: mcpEnv(OUTER), startTime: 13, processGroup: 12 },
    { pid: 15, ppid: 10, argv: ['node', 'outer-mcp.js'], env: mcpEnv(OUTER), ...inGroup(10) },
  ];
  const claims = [claim({ pid: 12, startTime: 12, sessionId: INNER, role: 'agent' })];

  test('the nearest agent wins, and the inherited id is overruled', () => {
    const of = look(tree, claims);
    expect(of(12)).toMatchObject({ role: 'agent', sessionId: INNER });
    expect(of(12).evidence.map(({ kind }) => kind)).toContain('env-outer-session');
    expect(of(13)).toMatchObject({ role: 'server', sessionId: INNER, agent: '12:12' });
    expect(of(14)).toMatchObject({ role: 'server', sessionId: INNER, agent: '12:12' });
    expect(of(14).evidence.map(({ kind }) => kind)).toContain('env-overruled');
    expect(of(15)).toMatchObject({ sessionId: OUTER, agent: '10:10' });
  });

  test("an agent's own environment never names its session", () => {
    const of = look([claude(12, { ppid: 1, env: toolEnv(OUTER, 10) })]);
    expect(of(12).sessionId).toBe('claude-code:12:12');
  });

  test("a hive mind's claude children are agents of their own", () => {
    const of = look([
      { pid: 10, argv: ['node', '/opt/node_modules/claude-flow/bin/cli.js', 'hive-mind', 'spawn', 'goal', '--claude'] },
      claude(11, { ppid: 10 }),
      {
        pid: 12,
        ppid: 11,
        argv: ['node', '/opt/node_modules/claude-flow/bin/cli.js', 'mcp', 'start'],
        env: mcpEnv(INNER),
        processGroup: 11,
      },
    ]);
    expect(of(10)).toMatchObject({ role: 'agent', client: 'claude-flow' });
    expect(of(11)).toMatchObject({ role: 'agent', client: 'claude-code', sessionId: INNER });
    expect(of(12)).toMatchObject({ role: 'server', agent: '11:11', serverName: 'claude-flow' });
  });

  test('a teammate is an agent of its own inside the session of its parent', () => {
    const of = look(
      [
        { pid: 5, argv: ['tmux', 'new'], exe: '/usr/bin/tmux', comm: 'tmux: server' },
        claude(10, { ppid: 5 }),
        claude(20, {
          ppid: 5,
          argv: [
            '--agent-id',
            'reviewer@team',
            '--agent-name',
            'reviewer',
            '--team-name',
            'team',
            '--parent-session-id',
            OUTER,
          ],
        }),
        { pid: 21, ppid: 20, argv: ['node', 'srv-mcp.js'], env: mcpEnv(INNER), processGroup: 20 },
      ],
      [claim({ pid: 10, startTime: 10, sessionId: OUTER, role: 'agent' })],
    );
    expect(of(20)).toMatchObject({ role: 'agent', agent: '20:20', sessionId: OUTER, agentId: 'reviewer@team' });
    expect(of(21)).toMatchObject({ role: 'server', agent: '20:20', sessionId: OUTER, agentId: 'reviewer@team' });
  });
});
