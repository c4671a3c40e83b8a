import { describe, expect, test } from 'vitest';
import type { Lifecycle, LifeSigns } from '../../../src/model/index.ts';
import { BOOT_MS, claim, signs, type Described } from '../../support/swarm/rows.ts';
import { agent, CLAUDE_EXE, init, kinds, server, SESSION, watch } from '../../support/swarm/watch.ts';

describe('busy and idle', () => {
  const tree = (cpuMs: number) => [init, agent, server({ ppid: 10, cpuMs })];

  test('seen once is unknown', () => {
    expect(
      watch()
        .look(tree(0), { 20: signs('alive') })
        .verdict(20),
    ).toMatchObject({ verdict: 'unknown', confidence: 0 });
  });

  test('CPU of five hundredths of a core is work; timers are not', () => {
    const swarm = watch().look(tree(0)).look(tree(100));
    expect(swarm.verdict(20)).toMatchObject({ verdict: 'idle', lastActiveMs: null });
    expect(swarm.look(tree(700)).verdict(20).verdict).toBe('busy');
  });

  test('a request on stdin is work; an eight-byte wake-up is not', () => {
    const read = (readBytes: number) => ({ 20: signs('alive', { readBytes }) });
    const swarm = watch().look(tree(0), read(1000)).look(tree(0), read(1008));
    expect(swarm.verdict(20).verdict).toBe('idle');
    swarm.look(tree(0), read(1100));
    expect(swarm.verdict(20)).toMatchObject({ verdict: 'busy', lastActiveMs: BOOT_MS + 1_030_000 });
    for (let i = 0; i < 4; i++) swarm.look(tree(0), read(1100));
    expect(swarm.verdict(20)).toMatchObject({ verdict: 'idle', lastActiveMs: BOOT_MS + 1_030_000 });
  });

  test('an agent is what it says of itself', () => {
    const says = (status: string) => [claim({ pid: 10, startTime: 10, sessionId: SESSION, status })];
    expect(watch().look(tree(0), {}, says('busy')).verdict(10).verdict).toBe('busy');
    expect(watch().look(tree(0), {}, says('idle')).verdict(10).verdict).toBe('idle');
    const reused = [claim({ pid: 10, startTime: 9, sessionId: SESSION, status: 'busy' })];
    expect(watch().look(tree(0), {}, reused).look(tree(0), {}, reused).verdict(10).verdict).toBe('idle');
  });
});

describe('duplicate', () => {
  const copies = [server({ ppid: 10, pid: 20, startTime: 100 }), server({ ppid: 10, pid: 21, startTime: 5000 })];
  const both = { 20: signs('alive'), 21: signs('alive') };

  test('the older of two equal servers under one live agent, when it is quiet', () => {
    const swarm = watch().look([init, agent, ...copies], both);
    expect(swarm.look([init, agent, ...copies], both).verdict(20, 100).verdict).toBe('idle');
    swarm.look([init, agent, ...copies], both, [], 6 * 60_000);
    expect(swarm.verdict(20, 100)).toMatchObject({ verdict: 'duplicate', confidence: 60 });
    expect(swarm.verdict(21, 5000).verdict).toBe('idle');
  });

  test('a cut-off copy at once and with certainty', () => {
    const swarm = watch();
    for (const _ of [1, 2]) swarm.look([init, agent, ...copies], { 20: signs('dead'), 21: signs('alive') });
    expect(swarm.verdict(20, 100)).toMatchObject({ verdict: 'duplicate', confidence: 90 });
  });

  test('not the one that works', () => {
    const read = (readBytes: number) => ({ 20: signs('alive', { readBytes }), 21: signs('alive', { readBytes: 1 }) });
    const swarm = watch().look([init, agent, ...copies], read(0));
    for (let i = 1; i < 40; i++) swarm.look([init, agent, ...copies], read(i * 100));
    expect(swarm.verdict(20, 100).verdict).toBe('busy');
    expect(swarm.verdict(21, 5000).verdict).toBe('idle');
  });

  test('not twins that were configured, not other arguments, not another agent', () => {
    const agentB: Described = { pid: 11, argv: [CLAUDE_EXE] };
    const others = [
      [server({ ppid: 10, pid: 20, startTime: 100 }), server({ ppid: 10, pid: 21, startTime: 200 })],
      [copies[0]!, server({ ppid: 10, pid: 21, startTime: 5000, argv: ['node', '/x/foo-mcp/index.js', '--db', 'b'] })],
      [copies[0]!, server({ ppid: 11, pid: 21, startTime: 5000, processGroup: 11 })],
    ];
    for (const pair of others) {
      const swarm = watch().look([init, agent, agentB, ...pair], both);
      swarm.look([init, agent, agentB, ...pair], both, [], 60 * 60_000);
      expect(swarm.verdict(20, 100).verdict).toBe('idle');
    }
  });
});

describe('stale, retained, zombie', () => {
  test('a server whose executable was replaced is stale; an agent is only told so', () => {
    const tree = [init, { ...agent, exeDeleted: true }, server({ ppid: 10, exeDeleted: true })];
    const swarm = watch()
      .look(tree, { 20: signs('alive') })
      .look(tree, { 20: signs('alive') });
    expect(swarm.verdict(20)).toMatchObject({ verdict: 'stale', confidence: 85 });
    expect(swarm.verdict(10).verdict).toBe('idle');
    expect(kinds(swarm.verdict(10))).toContain('executable-replaced');
  });

  const daemon = (pid: number, cwd: string): Described => ({
    pid,
    cwd,
    argv: ['node', '/x/node_modules/@claude-flow/cli/bin/cli.js', 'daemon', 'start', '--foreground'],
  });

  test('of two daemons of one project the one that its pid file names stays, else the younger', () => {
    const tree = [init, daemon(30, '/p'), daemon(31, '/p'), daemon(32, '/q')];
    const swarm = watch().look(tree).look(tree);
    expect([30, 31, 32].map((pid) => swarm.verdict(pid).verdict)).toEqual(['stale', 'idle', 'idle']);
    const named = [claim({ kind: 'claude-flow-daemon', pid: 30, client: 'claude-flow', role: 'agent' })];
    swarm.look(tree, {}, named);
    expect([30, 31].map((pid) => swarm.verdict(pid).verdict)).toEqual(['idle', 'stale']);
  });

  test('an agent that says it has finished is retained', () => {
    const done = [claim({ pid: 10, startTime: 10, sessionId: SESSION, status: 'completed' })];
    expect(watch().look([init, agent], {}, done).verdict(10)).toMatchObject({ verdict: 'retained', confidence: 85 });
  });

  test('a quiet agent is retained after hours, but not at a terminal or with a client', () => {
    const hours = 7 * 3_600_000;
    const loose: Described = { ...agent, tty: 0 };
    const cases: [Described, LifeSigns, Lifecycle][] = [
      [loose, signs('none'), 'retained'],
      [agent, signs('none'), 'idle'],
      [loose, signs('alive'), 'idle'],
    ];
    for (const [tree, sign, expected] of cases) {
      const swarm = watch().look([init, tree], { 10: sign }).look([init, tree], { 10: sign });
      expect(swarm.verdict(10).verdict).toBe('idle');
      expect(swarm.look([init, tree], { 10: sign }, [], hours).verdict(10).verdict).toBe(expected);
    }
  });

  test('a zombie is a zombie, whatever else is true', () => {
    const tree = [init, agent, server({ ppid: 10, state: 'zombie' })];
    expect(watch().look(tree, {}).verdict(20)).toMatchObject({ verdict: 'zombie', confidence: 100 });
  });

  test('what was never looked at is unknown, with a reason', () => {
    expect(watch().verdict(99)).toMatchObject({ verdict: 'unknown', confidence: 0, lastActiveMs: null });
  });
});
