import { describe, expect, test } from 'vitest';
import { claim, signs, type Described } from '../../support/swarm/rows.ts';
import { agent, init, kinds, server, SESSION, mcpEnv, watch } from '../../support/swarm/watch.ts';

describe('orphan: what it takes', () => {
  test('a dead stdin peer twice in a row, adopted, its agent gone', () => {
    const swarm = watch();
    swarm.look([init, agent, server({ ppid: 10 })], { 20: signs('alive') });
    swarm.look([init, server()], { 20: signs('dead') });
    expect(swarm.verdict(20).verdict).not.toBe('orphan');
    swarm.look([init, server()], { 20: signs('dead') });
    expect(swarm.verdict(20)).toMatchObject({ verdict: 'orphan' });
    expect(swarm.verdict(20).confidence).toBeGreaterThanOrEqual(90);
    expect(kinds(swarm.verdict(20))).toEqual(['stdin-peer-dead', 'agent-dead', 'reparented', 'session-leader-dead']);
  });

  test('also when the agent died before we looked, by the session in its environment', () => {
    const swarm = watch();
    for (const _ of [1, 2]) swarm.look([init, server()], { 20: signs('dead') });
    expect(swarm.verdict(20)).toMatchObject({ verdict: 'orphan' });
    expect(kinds(swarm.verdict(20))).toContain('agent-gone');
  });

  test("also under the user's own systemd, and of an unknown client by its name alone", () => {
    const systemd: Described = { pid: 900, startTime: 5, ppid: 1, argv: ['/usr/lib/systemd/systemd', '--user'] };
    const swarm = watch();
    for (const _ of [1, 2]) swarm.look([init, systemd, server({ ppid: 900, env: {} })], { 20: signs('dead') });
    expect(swarm.verdict(20)).toMatchObject({ verdict: 'orphan' });
    expect(swarm.verdict(20).confidence).toBeLessThan(80);
  });

  test('the wrappers of an orphan are orphans with it', () => {
    const chain = [
      init,
      { pid: 20, ppid: 1, argv: ['npm exec foo-mcp'], env: mcpEnv },
      { pid: 21, ppid: 20, argv: ['sh', '-c', 'foo-mcp'], env: mcpEnv },
      { pid: 22, ppid: 21, argv: ['node', '/x/node_modules/.bin/foo-mcp'], env: mcpEnv },
    ];
    const swarm = watch();
    const dead = { 20: signs('dead'), 21: signs('none'), 22: signs('dead') };
    for (const _ of [1, 2]) swarm.look(chain, dead);
    for (const pid of [20, 21, 22]) expect(swarm.verdict(pid).verdict).toBe('orphan');
    expect(kinds(swarm.verdict(21))).toEqual(['wraps-orphan']);
  });

  test('the browser of an orphaned server is part of it', () => {
    const swarm = watch();
    const tree = [init, server(), { pid: 30, ppid: 20, argv: ['/opt/chrome'], env: mcpEnv }];
    for (const _ of [1, 2]) swarm.look(tree, { 20: signs('dead'), 30: signs('none') });
    expect(swarm.verdict(30)).toMatchObject({ verdict: 'orphan' });
  });

  test('its agent lives, but neither stands above it nor holds its stdin', () => {
    const swarm = watch();
    const claims = [claim({ pid: 10, startTime: 10, sessionId: SESSION, role: 'agent' })];
    for (const _ of [1, 2]) swarm.look([init, agent, server()], { 20: signs('dead') }, claims);
    expect(swarm.verdict(20)).toMatchObject({ verdict: 'orphan', confidence: 80 });
  });

  test('where stdin cannot be read: a parent that we saw die, with little confidence', () => {
    const swarm = watch();
    swarm.look([init, agent, server({ ppid: 10 })], { 20: signs(null) });
    swarm.look([init, server()], { 20: signs(null) });
    swarm.look([init, server()], { 20: signs(null) });
    expect(swarm.verdict(20)).toMatchObject({ verdict: 'orphan', confidence: 60 });
  });

  test('an agent whose terminal was closed, once it has been quiet', () => {
    const swarm = watch();
    const gemini: Described = { pid: 50, ppid: 1, argv: ['node', '/usr/bin/gemini'] };
    swarm.look([init, { ...gemini, tty: 7 }], { 50: signs('none') });
    swarm.look([init, gemini], { 50: signs('none') });
    expect(swarm.verdict(50).verdict).toBe('idle');
    swarm.look([init, gemini], { 50: signs('none') }, [], 11 * 60_000);
    expect(swarm.verdict(50)).toMatchObject({ verdict: 'orphan', confidence: 70 });
  });
});
