import { describe, expect, test } from 'vitest';
import type { Lifecycle } from '../../../src/model/index.ts';
import { signs, type Described } from '../../support/swarm/rows.ts';
import { agent, CLAUDE_EXE, init, server, toolEnv, mcpEnv, watch, type Signs } from '../../support/swarm/watch.ts';

/** Each is looked at five times; none may ever be called an orphan. */
const HEALTHY: readonly [string, readonly Described[], Signs, Lifecycle][] = [
  ['ppid 1 alone: a server with a live client', [init, server()], { 20: signs('alive') }, 'idle'],
  [
    'ppid 1 alone: an http server without stdin',
    [init, server({ argv: ['node', 'mcp-http.js'], env: {} })],
    { 20: signs('none') },
    'idle',
  ],
  [
    'an http server whose starter closed its stdin',
    [init, server({ argv: ['node', 'foo-mcp.js', '--transport', 'http', '--port', '3000'] })],
    { 20: signs('dead') },
    'idle',
  ],
  ['a server that is known to listen', [init, server()], { 20: signs('dead', { listening: true }) }, 'idle'],
  [
    'a server of a live Python client that closed its stdin',
    [init, { pid: 15, argv: ['python3', 'client.py'] }, server({ ppid: 15, env: {} })],
    { 20: signs('dead') },
    'idle',
  ],
  ['a server under a live agent', [init, agent, server({ ppid: 10 })], { 20: signs('alive') }, 'idle'],
  ['a cut-off server under a live agent', [init, agent, server({ ppid: 10 })], { 20: signs('dead') }, 'retained'],
  [
    'a nohup server that a tool of a dead session left',
    [init, { pid: 30, ppid: 1, argv: ['node', 'dev.js'], env: toolEnv, sessionLeader: 29 }],
    { 30: signs('none') },
    'retained',
  ],
  [
    'a job of a dead session that was fed by a pipe',
    [init, { pid: 30, ppid: 1, argv: ['python3', 'train.py'], env: toolEnv, sessionLeader: 29 }],
    { 30: signs('dead', { stdinChannel: 'pipe:[9]' }) },
    'retained',
  ],
  [
    'a tool under a live agent, fed by a finished pipe',
    [init, agent, { pid: 30, ppid: 10, argv: ['bash', '-c', 'x'], env: toolEnv }],
    { 30: signs('dead') },
    'idle',
  ],
  [
    'an agent under nohup',
    [init, { ...agent, ppid: 1, tty: 0, argv: [CLAUDE_EXE, '-p', 'x'] }],
    { 10: signs('none') },
    'idle',
  ],
  [
    'an agent that read its prompt from a pipe',
    [init, { ...agent, ppid: 1, tty: 0, argv: [CLAUDE_EXE, '-p'] }],
    { 10: signs('dead', { stdinChannel: 'pipe:[9]' }) },
    'idle',
  ],
  ['a daemon that is nobody’s', [init, { pid: 60, argv: ['/usr/sbin/dockerd'] }], { 60: signs('dead') }, 'idle'],
  [
    'tmux from a dead session',
    [init, { pid: 60, argv: ['tmux', 'new'], exe: '/usr/bin/tmux', comm: 'tmux: server', env: toolEnv }],
    { 60: signs('dead') },
    'idle',
  ],
  [
    'pm2',
    [
      init,
      {
        pid: 60,
        argv: ['PM2 v5.3.0: God Daemon (/root/.pm2)'],
        exe: '/usr/bin/node',
        comm: 'PM2 v5.3.0: God',
        env: toolEnv,
      },
    ],
    { 60: signs('dead') },
    'idle',
  ],
  [
    'an app under pm2 whose name says mcp',
    [
      init,
      { pid: 60, argv: ['PM2 v5.3.0: God Daemon (/root/.pm2)'], exe: '/usr/bin/node', comm: 'PM2 v5.3.0: God' },
      { pid: 61, ppid: 60, argv: ['node', 'my-mcp.js'] },
    ],
    { 61: signs('dead') },
    'idle',
  ],
  [
    'a server that a user tries in a terminal',
    [init, { pid: 40, argv: ['-bash'], tty: 7 }, server({ ppid: 40, env: {}, tty: 7 })],
    { 20: signs('dead') },
    'idle',
  ],
  [
    'an inner server whose wrapper speaks to it',
    [init, { pid: 19, ppid: 1, argv: ['npm exec foo-mcp'], env: mcpEnv }, server({ ppid: 19 })],
    { 19: signs('none'), 20: signs('alive') },
    'idle',
  ],
];

describe('never an orphan', () => {
  test.each(HEALTHY)('%s', (_name, tree, given, expected) => {
    const swarm = watch();
    const subject = tree.at(-1)?.pid ?? 0;
    for (let i = 0; i < 5; i++) {
      swarm.look(tree, given);
      expect(swarm.verdict(subject).verdict).not.toBe('orphan');
    }
    expect(swarm.verdict(subject).verdict).toBe(expected);
    expect(swarm.verdict(subject).evidence.length).toBeGreaterThan(0);
  });

  test('a dead look, a live look, a dead look', () => {
    const swarm = watch();
    for (const peer of ['dead', 'alive', 'dead', 'alive', 'dead'] as const) {
      swarm.look([init, server()], { 20: signs(peer) });
      expect(swarm.verdict(20).verdict).not.toBe('orphan');
    }
  });

  test('an orphan that got a new client is none any more', () => {
    const swarm = watch();
    for (const _ of [1, 2, 3]) swarm.look([init, server()], { 20: signs('dead') });
    expect(swarm.verdict(20).verdict).toBe('orphan');
    swarm.look([init, server()], { 20: signs('alive', { stdinChannel: 'socket:[99]' }) });
    expect(swarm.verdict(20).verdict).toBe('idle');
    swarm.look([init, server()], { 20: signs('dead', { stdinChannel: 'socket:[100]' }) });
    expect(swarm.verdict(20).verdict).not.toBe('orphan');
  });

  test('a dead look at one channel does not count for another', () => {
    const swarm = watch();
    swarm.look([init, server()], { 20: signs('dead', { stdinChannel: 'socket:[1]' }) });
    swarm.look([init, server()], { 20: signs('dead', { stdinChannel: 'socket:[2]' }) });
    expect(swarm.verdict(20).verdict).not.toBe('orphan');
    swarm.look([init, server()], { 20: signs('dead', { stdinChannel: 'socket:[2]' }) });
    expect(swarm.verdict(20).verdict).toBe('orphan');
  });

  test('what an orphan talks to, and a wrapper that still has a client, are none', () => {
    const inner: Described = { pid: 30, ppid: 20, argv: ['node', '/x/inner.js'], env: mcpEnv };
    const wrapper: Described = { pid: 19, ppid: 1, argv: ['npm exec foo-mcp'], env: mcpEnv };
    const swarm = watch();
    const given = { 19: signs('alive'), 20: signs('dead'), 30: signs('alive') };
    for (const _ of [1, 2, 3]) swarm.look([init, wrapper, server({ ppid: 19 }), inner], given);
    expect([19, 20, 30].map((pid) => swarm.verdict(pid).verdict)).toEqual(['idle', 'orphan', 'idle']);
  });

  test('two looks within a moment are one', () => {
    const swarm = watch();
    swarm.look([init, server()], { 20: signs('dead') });
    swarm.look([init, server()], { 20: signs('dead') }, [], 50);
    expect(swarm.verdict(20).verdict).not.toBe('orphan');
    swarm.look([init, server()], { 20: signs('dead') }, [], 1000);
    expect(swarm.verdict(20).verdict).toBe('orphan');
  });

  test('a look that did not read stdin counts for nothing', () => {
    const swarm = watch();
    swarm.look([init, server()], { 20: signs('dead') });
    for (const _ of [1, 2, 3]) swarm.look([init, server()], { 20: null });
    expect(swarm.verdict(20).verdict).not.toBe('orphan');
  });

  test('a later process with the same pid starts from nothing', () => {
    const swarm = watch();
    for (const _ of [1, 2, 3]) swarm.look([init, server()], { 20: signs('dead') });
    swarm.look([init, server({ startTime: 8000 })], { 20: signs('dead') });
    expect(swarm.verdict(20, 8000).verdict).toBe('unknown');
    expect(swarm.verdict(20).verdict).toBe('unknown');
  });

  test('a clock that jumps back neither makes nor hides an orphan', () => {
    const swarm = watch();
    swarm.look([init, server()], { 20: signs('alive') });
    swarm.look([init, server()], { 20: signs('alive') }, [], -3_600_000);
    expect(swarm.verdict(20).verdict).toBe('idle');
    for (const _ of [1, 2]) swarm.look([init, server()], { 20: signs('dead') });
    expect(swarm.verdict(20).verdict).toBe('orphan');
  });
});
