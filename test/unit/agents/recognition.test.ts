import { describe, expect, test } from 'vitest';
import { claude, CLAUDE, CODEX, look, inGroup } from '../../support/swarm/look.ts';

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
