import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFakeActing, type FakeActing, type FakeActingOptions } from '../../support/actions/fake-world.ts';
import type { ActionRequest } from '../../../src/model/index.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rampart-runner-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const open = (options: Partial<FakeActingOptions> = {}): FakeActing =>
  createFakeActing({ auditPath: join(dir, 'actions.jsonl'), ...options });

const ask = (target: string, over: Partial<ActionRequest> = {}): ActionRequest => ({
  action: 'reap',
  target,
  origin: 'user',
  ...over,
});

const signalled = ({ host }: FakeActing): string[] => host.signals.map(({ pid, signal }) => `${signal} ${pid}`);

describe('the gate', () => {
  test('keeps the asker, those above it, ourselves, init and other users out', async () => {
    const acting = open();
    acting.add(1, { verdict: 'orphan' });
    acting.add(20, { verdict: 'orphan', attribution: { role: 'agent' } });
    acting.add(21, { verdict: 'orphan', ppid: 20 });
    acting.add(998, { verdict: 'orphan' });
    acting.add(999, { verdict: 'orphan', ppid: 998 });
    acting.add(30, { verdict: 'orphan', uid: 0 });
    const { targets } = await acting.runner.plan(ask('orphans', { callerPid: 21 }));
    expect(Object.fromEntries(targets.map(({ process, refusal }) => [process.pid, refusal?.code]))).toEqual({
      1: 'own-kin',
      20: 'own-kin',
      21: 'own-kin',
      998: 'own-kin',
      999: 'own-kin',
      30: 'other-user',
    });
  });

  test('holds automation to its aggressiveness, and agents to their number', async () => {
    const acting = open({ gate: { maxAgentActionsPerHour: 2 } });
    acting.add(10, { verdict: 'orphan' });
    expect((await acting.runner.plan(ask('orphans', { origin: 'automation' }))).refusal?.code).toBe('risk-too-high');
    const deprioritise = ask('10', { action: 'deprioritise', origin: 'agent' });
    for (const oomScoreAdj of [10, 20]) {
      const { token } = await acting.runner.plan({ ...deprioritise, parameters: { oomScoreAdj } });
      await acting.runner.apply({ token: token ?? '' });
    }
    expect((await acting.runner.plan(deprioritise)).refusal).toMatchObject({ code: 'rate-limited', hint: /60 min/ });
    expect((await acting.runner.plan({ ...deprioritise, origin: 'user' })).refusal).toBeNull();
    acting.clock.advance(3_600_000);
    expect((await acting.runner.plan(deprioritise)).refusal).toBeNull();
  });

  test('lets an agent touch neither strangers nor another live session', async () => {
    const acting = open();
    acting.add(10, { attribution: { role: 'other', sessionId: null, serverName: null } });
    acting.add(20, { attribution: { agent: '5:50', sessionId: 'other' } });
    acting.add(30, { attribution: { agent: '31:310', sessionId: 'mine' }, ppid: 31 });
    acting.add(31, { attribution: { role: 'agent', agent: '31:310', sessionId: 'mine' } });
    acting.add(32, { attribution: { role: 'server', agent: '31:310', sessionId: 'mine' }, ppid: 31 });
    const suspend = (target: string) =>
      acting.runner.plan(ask(target, { action: 'suspend', origin: 'agent', callerPid: 32 }));
    expect((await suspend('10')).refusal?.code).toBe('protected');
    expect((await suspend('20')).refusal?.code).toBe('protected');
    expect((await suspend('30')).refusal).toBeNull();
    expect((await suspend('31')).refusal?.code).toBe('own-kin');
  });

  test('protects by name, directory and session, whatever the action', async () => {
    const acting = open({ gate: { protect: ['name=tiny*', 'cwd=/srv/*', 'session=s-?', 'exact'] } });
    acting.add(10);
    acting.add(11, { name: 'a', command: '/x/a', attribution: { serverName: null }, cwd: '/srv/prod' });
    acting.add(12, { name: 'a', command: '/x/a', attribution: { serverName: null, sessionId: 's-1' } });
    acting.add(13, { name: 'a', command: '/x/exact', attribution: { serverName: null } });
    acting.add(14, { name: 'a', command: '/x/a', attribution: { serverName: null } });
    const code = async (pid: number) => (await acting.runner.plan(ask(`${pid}`, { action: 'suspend' }))).refusal?.code;
    expect([await code(10), await code(11), await code(12), await code(13), await code(14)]).toEqual([
      'protected',
      'protected',
      'protected',
      'protected',
      undefined,
    ]);
  });

  test('allows only what is allowed', async () => {
    const acting = open({ gate: { allow: ['force_gc'] } });
    acting.add(10, { verdict: 'orphan' });
    expect((await acting.runner.plan(ask('orphans'))).refusal?.code).toBe('not-allowed');
  });

  test('never two actions at once on one target', async () => {
    const acting = open();
    acting.add(10, { verdict: 'orphan' });
    const tokens = [await acting.runner.plan(ask('orphans')), await acting.runner.plan(ask('orphans'))];
    const outcomes = await Promise.all(tokens.map(({ token }) => acting.runner.apply({ token: token ?? '' })));
    expect(outcomes.flatMap(({ targets }) => targets.map(({ refusal }) => refusal?.code ?? 'done')).toSorted()).toEqual(
      ['done', 'in-progress'],
    );
    expect(signalled(acting)).toEqual(['SIGTERM 10']);
  });
});
