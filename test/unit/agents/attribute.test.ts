import { describe, expect, test } from 'vitest';
import { attribute, AttributionMemory } from '../../../src/agents/index.ts';
import type { Attribution, ProcessKey, RegistryClaim } from '../../../src/model/index.ts';
import { BOOT_MS, claim, row, rowsOf, type Described, type Row } from '../../support/swarm/rows.ts';

const CLAUDE = '/home/user/.local/share/claude/versions/2.1.330';
const CODEX = '/opt/node_modules/@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex';
const OUTER = '11111111-1111-4111-8111-111111111111';
const INNER = '22222222-2222-4222-8222-222222222222';

const mcpEnv = (id: string) => ({ CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: id });
const toolEnv = (id: string, pid: number) => ({
  ...mcpEnv(id),
  CLAUDE_CODE_CHILD_SESSION: '1',
  CLAUDE_PID: String(pid),
});
const claude = (pid: number, given: Partial<Described> = {}): Described => ({
  pid,
  argv: ['claude', ...(given.argv ?? [])],
  exe: CLAUDE,
  comm: '2.1.330',
  tty: 34_816,
  ...Object.fromEntries(Object.entries(given).filter(([name]) => name !== 'argv')),
});
/** An MCP server stays in the group of its agent. */
const inGroup = (group: number) => ({ processGroup: group, sessionLeader: group });

function look(
  described: readonly Described[],
  claims: readonly RegistryClaim[] = [],
  memory = new AttributionMemory(),
) {
  const answer = attribute(rowsOf(...described), claims, memory);
  return (pid: number): Attribution => {
    for (const [key, value] of answer) if (key.startsWith(`${pid}:`)) return value;
    throw new Error(`no attribution for ${pid}`);
  };
}

describe('agents and what they may look like', () => {
  test.each([
    ['claude-code', { argv: ['claude'], exe: CLAUDE, comm: '2.1.330' }],
    [
      'claude-code',
      { argv: ['claude'], exe: '/opt/node_modules/@anthropic-ai/claude-code/bin/claude.exe', comm: 'claude.exe' },
    ],
    [
      'claude-code',
      { argv: ['claude', '-p', 'hi'], exe: '/opt/node_modules/@anthropic-ai/claude-code-linux-x64/claude' },
    ],
    ['claude-code', { argv: ['node', '/usr/lib/node_modules/@anthropic-ai/claude-code/cli.js'] }],
    ['claude-code', { argv: ['claude'], exe: '/usr/bin/node', comm: 'claude' }],
    ['claude-code', { argv: ['node', '/usr/local/bin/claude'] }],
    ['claude-code', { argv: ['claude'], exe: null, comm: 'claude' }],
    ['codex', { argv: [CODEX, 'exec', 'hi'] }],
    ['codex', { argv: ['codex'], exe: '/opt/homebrew/bin/codex' }],
    [
      'codex',
      {
        argv: [
          '/home/user/.codex/packages/app-server-daemon/releases/0.169.0/bin/codex',
          'app-server',
          '--listen',
          'unix://',
        ],
      },
    ],
    ['gemini-cli', { argv: ['node', '--max-old-space-size=12052', '/usr/bin/gemini'] }],
    ['gemini-cli', { argv: ['node', '/opt/node_modules/@google/gemini-cli/bundle/gemini.js'] }],
    [
      'claude-flow',
      { argv: ['node', '/opt/node_modules/claude-flow/bin/cli.js', 'hive-mind', 'spawn', 'x', '--claude'] },
    ],
    [
      'claude-flow',
      { argv: ['node', '/opt/node_modules/@claude-flow/cli/bin/cli.js', 'daemon', 'start', '--foreground'] },
    ],
    ['claude-flow', { argv: ['node', '/usr/bin/ruflo', 'daemon', 'start'], env: { CLAUDE_FLOW_DAEMON: '1' } }],
    ['opencode', { argv: ['opencode'], exe: '/home/user/.opencode/bin/opencode' }],
    ['cursor-agent', { argv: ['/home/user/.local/share/cursor-agent/versions/1/node', 'index.js'] }],
    ['aider', { argv: ['python3', '/home/user/.local/bin/aider', '--model', 'x'] }],
    ['goose', { argv: ['goose', 'session'], exe: '/home/user/.local/bin/goose' }],
    ['amp', { argv: ['node', '/usr/lib/node_modules/@sourcegraph/amp/dist/main.js'] }],
  ] as const)('%s: %o', (client, given) => {
    expect(look([{ pid: 50, ...given }])(50)).toMatchObject({ role: 'agent', client, agent: '50:50' });
  });

  test.each([
    [
      'a program called goose that migrates databases',
      { argv: ['goose', 'postgres', 'dsn', 'up'], exe: '/usr/bin/goose' },
    ],
    ['the chat application', { argv: ['/usr/lib/claude-desktop/claude', '--type=renderer'] }],
    ['an editor with mcp.json open', { argv: ['vim', 'mcp.json'] }],
    ['a build of a project that is about MCP', { argv: ['node', '/home/user/my-mcp/node_modules/vite/bin/vite.js'] }],
    [
      'tmux, whose title names claude',
      { argv: ['tmux', 'new-session', CLAUDE], exe: '/usr/bin/tmux', comm: 'tmux: server' },
    ],
    ['a user who looks for claude', { argv: ['grep', '-r', 'claude', '/usr/bin/claude'] }],
    ['an interactive shell', { argv: ['-bash'], exe: '/usr/bin/bash', tty: 5 }],
    ['a kernel thread', { argv: [], exe: null, comm: 'kworker/0:1' }],
  ] as const)('%s is none', (_what, given) => {
    expect(look([{ pid: 50, ...given }])(50)).toMatchObject({ role: 'other', sessionId: null });
  });

  test('an agent without any known id is named after its process', () => {
    expect(look([claude(7, { startTime: 99 })])(7).sessionId).toBe('claude-code:7:99');
  });

  test.each([
    ['rg', ['rg', '--files'], 'tool'],
    ['mcp serve', ['claude', 'mcp', 'serve'], 'server'],
  ] as const)('the claude binary as %s is no second agent', (_what, argv, role) => {
    const of = look([claude(10), { pid: 11, ppid: 10, argv, exe: CLAUDE, ...inGroup(10) }]);
    expect(of(11)).toMatchObject({ role, agent: '10:10' });
  });
});

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

describe('one look after the other', () => {
  test('nothing changed: the same answer comes back, whatever the samples count', () => {
    const rows = rowsOf(claude(10), { pid: 20, ppid: 10, argv: ['node', 'a-mcp.js'], ...inGroup(10) });
    const claims: RegistryClaim[] = [];
    const memory = new AttributionMemory();
    const first = attribute(rows, claims, memory);
    const counted = new Map(
      [...rows].map(([key, each]) => [key, { ...each, sample: { ...each.sample, cpuMs: 9, rssBytes: 1 } }]),
    );
    expect(attribute(counted, claims, memory)).toBe(first);
  });

  test.each([
    ['a new process', (rows: Map<ProcessKey, Row>) => void rows.set('30:30', row({ pid: 30, ppid: 20 }))],
    ['an exit', (rows: Map<ProcessKey, Row>) => void rows.delete('20:20')],
    [
      'an exec',
      (rows: Map<ProcessKey, Row>) =>
        void rows.set('20:20', row({ pid: 20, ppid: 10, argv: ['sleep', '1'], ...inGroup(10) })),
    ],
    [
      'a new parent',
      (rows: Map<ProcessKey, Row>) =>
        void rows.set('20:20', { ...rows.get('20:20')!, sample: { ...rows.get('20:20')!.sample, ppid: 1 } }),
    ],
  ])('%s is seen', (_what, change) => {
    const rows = rowsOf(claude(10), { pid: 20, ppid: 10, argv: ['node', 'a-mcp.js'], ...inGroup(10) });
    const memory = new AttributionMemory();
    const claims: RegistryClaim[] = [];
    const first = attribute(rows, claims, memory);
    change(rows);
    expect(attribute(rows, claims, memory)).not.toBe(first);
  });

  test('parents that form a circle end', () => {
    const of = look([
      { pid: 20, ppid: 21, startTime: 5, argv: ['node', 'a-mcp.js'] },
      { pid: 21, ppid: 20, startTime: 5 },
    ]);
    expect(of(20).role).toBe('server');
  });
});
