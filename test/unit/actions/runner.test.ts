import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFakeActing, type FakeActing, type FakeActingOptions } from '../../support/actions/fake-world.ts';
import type { ActionRequest, Outcome } from '../../../src/model/index.ts';

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

async function reap(acting: FakeActing, request = ask('orphans')): Promise<Outcome> {
  const { token } = await acting.runner.plan(request);
  return acting.runner.apply({ token: token ?? 'none' });
}

const signalled = ({ host }: FakeActing): string[] => host.signals.map(({ pid, signal }) => `${signal} ${pid}`);

describe('a plan', () => {
  test('touches nothing, shows each step and the evidence, and gives a token', async () => {
    const acting = open();
    const orphan = acting.add(10, { verdict: 'orphan' });
    acting.add(11, { verdict: 'idle' });
    const plan = await acting.runner.plan(ask('orphans'));
    expect(plan.targets.map(({ process }) => process.id)).toEqual([orphan.id]);
    expect(plan.targets[0]?.steps.join(' ')).toMatch(/SIGTERM.*5 s.*SIGKILL/);
    expect(plan.targets[0]?.evidence[0]?.kind).toBe('stdin-peer-dead');
    expect(plan.token).toMatch(/^[\w-]{43}$/);
    expect(acting.host.signals).toEqual([]);
  });

  test('of nothing says so, and has no token', async () => {
    const plan = await open().runner.plan(ask('orphans'));
    expect(plan).toMatchObject({ token: null, refusal: { code: 'nothing-to-do' } });
  });

  test('names a live process by its pid alone, and shows which it is', async () => {
    const acting = open();
    acting.add(10, { verdict: 'orphan' });
    const { targets } = await acting.runner.plan(ask('10'));
    expect(targets[0]?.process.id).toBe('10:100');
    await expect(acting.runner.plan(ask('10:99'))).rejects.toMatchObject({
      code: 'not-found',
      hint: expect.stringContaining('10:100'),
    });
  });
});

describe('a token', () => {
  test('is good once, for its own plan, for five minutes', async () => {
    const acting = open();
    acting.add(10, { process: { endsOnTermAfterMs: null } });
    const plan = async () => (await acting.runner.plan(ask('10', { action: 'suspend' }))).token ?? '';
    const used = await plan();
    await acting.runner.apply({ token: used });
    acting.host.processes.get(10)!.isStopped = false;
    await expect(acting.runner.apply({ token: used })).rejects.toMatchObject({ code: 'bad-input' });
    const other = await plan();
    const expected = { action: 'reap', target: '10' } as const;
    await expect(acting.runner.apply({ token: other, expect: expected })).rejects.toThrow(/another plan/);
    await expect(acting.runner.apply({ token: other })).rejects.toThrow(/unknown, was used/);
    const late = await plan();
    acting.clock.advance(5 * 60_000);
    await expect(acting.runner.apply({ token: late })).rejects.toThrow(/expired/);
    await expect(acting.runner.apply({ token: 'guess' })).rejects.toMatchObject({ code: 'bad-input' });
    expect(signalled(acting)).toEqual(['SIGSTOP 10']);
  });
});

describe('the hourly number of agents', () => {
  test('is not passed by two orders that meet', async () => {
    const acting = open({ gate: { maxAgentActionsPerHour: 1 } });
    acting.add(10, { verdict: 'orphan' });
    acting.add(11, { verdict: 'orphan' });
    const tokens: string[] = [];
    for (const pid of ['10', '11']) {
      tokens.push((await acting.runner.plan(ask(pid, { origin: 'agent' }))).token ?? '');
    }
    const outcomes = await Promise.all(tokens.map((token) => acting.runner.apply({ token })));
    expect(outcomes.map(({ result }) => result).toSorted()).toEqual(['helped', 'refused']);
    expect(signalled(acting)).toHaveLength(1);
  });
});

describe('reaping', () => {
  test('ends an orphan by SIGTERM, a stubborn one by SIGKILL after the grace, parents first', async () => {
    const acting = open();
    acting.add(12, { verdict: 'orphan', ppid: 10, process: { endsOnTermAfterMs: null } });
    acting.add(10, { verdict: 'orphan' });
    const outcome = await reap(acting);
    expect(signalled(acting)).toEqual(['SIGTERM 10', 'SIGTERM 12', 'SIGKILL 12']);
    expect(outcome).toMatchObject({ result: 'helped', reclaimedBytes: 80 * 1024 * 1024, finding: 'orphan' });
    expect(outcome.targets.every(({ done }) => done)).toBe(true);
    expect(acting.events.at(-1)).toMatchObject({ type: 'outcome', outcome: { id: outcome.id } });
  });

  test('wakes a stopped one so that it hears SIGTERM', async () => {
    const acting = open();
    acting.add(10, { verdict: 'orphan', process: { isStopped: true } });
    await reap(acting);
    expect(signalled(acting)).toEqual(['SIGTERM 10', 'SIGCONT 10']);
  });

  test('never reaches another process that has the pid by then', async () => {
    const acting = open();
    acting.add(10, { verdict: 'orphan' });
    const { token } = await acting.runner.plan(ask('orphans'));
    // The pid changes hands in the last moment: after the look and the signs, before the signal.
    acting.host.beforeTouch = () => acting.host.add(10, { startTime: 777 });
    const outcome = await acting.runner.apply({ token: token ?? '' });
    expect(outcome.targets[0]?.refusal?.code).toBe('identity-changed');
    expect(acting.host.signals).toEqual([]);
    expect(acting.host.processes.has(10)).toBe(true);
  });

  test('nor before SIGKILL, when the pid changed hands during the grace', async () => {
    const acting = open();
    acting.add(10, { verdict: 'orphan', process: { endsOnTermAfterMs: null } });
    const { token } = await acting.runner.plan(ask('orphans'));
    acting.host.beforeTouch = () => {
      if (acting.host.signals.length === 1) acting.host.add(10, { startTime: 777 });
    };
    await acting.runner.apply({ token: token ?? '' });
    expect(signalled(acting)).toEqual(['SIGTERM 10']);
  });

  test.each([
    ['got a new client', { stdinPeer: 'alive' }, 'has-client'],
    ['got another channel', { stdinChannel: 'socket:[2]' }, 'has-client'],
    ['began to listen', { listening: true }, 'has-client'],
    ['began to work through files', { readBytes: 5_000_000 }, 'not-enough-evidence'],
  ] as const)('leaves what %s between plan and signal', async (_, now, code) => {
    const acting = open();
    acting.add(10, { verdict: 'orphan' });
    const { token } = await acting.runner.plan(ask('orphans'));
    let reads = 0;
    const sleep = async (ms: number): Promise<void> => acting.clock.advance(ms);
    // Reading requests shows in the second reading only.
    if (code === 'has-client') acting.signsNow.set(10, now);
    else acting.host.sleep = async (ms) => (reads++ === 0 && acting.signsNow.set(10, now), sleep(ms));
    const outcome = await acting.runner.apply({ token: token ?? '' });
    expect(outcome.targets[0]?.refusal?.code).toBe(code);
    expect(acting.host.signals).toEqual([]);
  });

  test('a server and its wrappers stay together: npm would hand the signal on', async () => {
    const acting = open({ gate: { protect: ['session=precious'] } });
    const chain = { serverHead: '10:100' } as const;
    acting.add(10, { verdict: 'orphan', attribution: { ...chain, role: 'wrapper' } });
    acting.add(11, { verdict: 'orphan', ppid: 10, attribution: chain });
    const { token } = await acting.runner.plan(ask('orphans'));
    acting.signsNow.set(11, { stdinPeer: 'alive' });
    await acting.runner.apply({ token: token ?? '' });
    expect(acting.host.signals).toEqual([]);

    acting.add(20, { verdict: 'orphan', attribution: { role: 'wrapper', serverHead: '20:200' } });
    acting.add(21, { verdict: 'orphan', ppid: 20, attribution: { serverHead: '20:200', sessionId: 'precious' } });
    const plan = await acting.runner.plan(ask('orphans'));
    expect(plan.targets.filter(({ process }) => process.pid >= 20).map(({ refusal }) => refusal?.code)).toEqual([
      'protected',
      'protected',
    ]);
  });

  test('takes along what hangs below, but no daemon, no agent, no server with a client of its own', async () => {
    const acting = open();
    const none = { stdinPeer: 'none', stdinChannel: null } as const;
    acting.add(10, { verdict: 'orphan' });
    acting.add(11, { ppid: 10, verdict: 'idle', signs: none, attribution: { role: 'other' } });
    acting.add(12, { ppid: 10, sessionLeader: 12, signs: { ...none, hasChannel: false } });
    acting.add(13, { ppid: 12, sessionLeader: 12, signs: none });
    acting.add(14, { ppid: 10, sessionLeader: 14, signs: { ...none, hasChannel: true } });
    acting.add(15, { ppid: 10, attribution: { role: 'agent' } });
    acting.add(16, { ppid: 10, signs: { ...none, listening: true } });
    // Its parent holds its stdin, and after that somebody else does.
    acting.add(17, { ppid: 10, signs: { stdinPeer: 'alive' } });
    await reap(acting);
    expect([...acting.host.processes.keys()].toSorted((a, b) => a - b)).toEqual([12, 13, 15, 16, 17]);
    expect(signalled(acting)).toEqual(['SIGTERM 10', 'SIGTERM 11', 'SIGTERM 14']);
  });

  test('never takes a group of what may be wanted: a listening one, a connected copy, a job left running', async () => {
    const acting = open();
    acting.add(10, { verdict: 'orphan', signs: { listening: true } });
    acting.add(11, { verdict: 'duplicate', confidence: 60, signs: { stdinPeer: 'alive' } });
    acting.add(12, { verdict: 'retained', confidence: 45, attribution: { role: 'tool' } });
    for (const group of ['orphans', 'duplicates', 'retained']) {
      expect((await acting.runner.plan(ask(group))).token).toBeNull();
    }
    // By name it is somebody's own decision.
    await reap(acting, ask('12:120'));
    expect(signalled(acting)).toEqual(['SIGTERM 12']);
    expect(await acting.runner.plan(ask('10', { parameters: { only: 'duplicate' } }))).toMatchObject({ token: null });
  });

  test('refuses what is idle or busy, also by name', async () => {
    const acting = open();
    acting.add(10, { verdict: 'idle', signs: { stdinPeer: 'alive' } });
    acting.add(11, { verdict: 'busy', signs: { stdinPeer: 'none' } });
    expect((await acting.runner.plan(ask('10'))).refusal?.code).toBe('has-client');
    expect((await acting.runner.plan(ask('11'))).refusal?.code).toBe('not-enough-evidence');
  });

  test('what has no client for five minutes goes although it works', async () => {
    const acting = open();
    acting.add(10, { verdict: 'orphan' });
    acting.clock.advance(6 * 60_000);
    let busyMs = 0;
    const sleep = async (ms: number): Promise<void> => acting.clock.advance(ms);
    acting.host.sleep = async (ms) => {
      busyMs += ms;
      const state = acting.host.processes.get(10);
      if (state !== undefined) state.cpuMs = busyMs;
      return sleep(ms);
    };
    await reap(acting);
    expect(signalled(acting)).toEqual(['SIGTERM 10']);
  });
});

describe('audit and undo', () => {
  test('has a line before each signal, and one for each refusal', async () => {
    const acting = open();
    acting.add(10, { verdict: 'orphan' });
    const before: string[] = [];
    acting.host.beforeTouch = () => before.push(acting.audit.read().records.at(-1)?.event ?? '');
    await reap(acting);
    expect(before).toEqual(['signal']);
    await acting.runner.plan(ask('duplicates', { reason: 'token=abc\nplease' }));
    const { records } = acting.audit.read();
    expect(records.map(({ event }) => event)).toEqual(['planned', 'started', 'signal', 'finished', 'refused']);
    expect(records.at(-1)?.detail).not.toMatch(/abc|\n/);
  });

  test('a full disk refuses the action before, and stops it in the middle', async () => {
    let left = 1;
    const acting = open({
      write: (_, bytes) => {
        if (left-- <= 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
        return bytes.length;
      },
    });
    acting.add(10, { verdict: 'orphan' });
    acting.add(11, { verdict: 'orphan' });
    const { token } = await acting.runner.plan(ask('orphans'));
    await expect(acting.runner.apply({ token: token ?? '' })).rejects.toMatchObject({ code: 'io' });
    expect(acting.host.signals).toEqual([]);

    left = 3;
    const outcome = await reap(acting);
    expect(signalled(acting)).toEqual(['SIGTERM 10']);
    expect(outcome).toMatchObject({ result: 'failed', error: { code: 'io' } });
    expect(outcome.targets.find(({ process }) => process.pid === 11)?.refusal?.code).toBe('no-audit');
  });

  test('puts back what was changed, once, also by a runner that started after it', async () => {
    const acting = open();
    acting.add(10);
    const { token } = await acting.runner.plan(ask('10', { action: 'deprioritise', parameters: { oomScoreAdj: 300 } }));
    const outcome = await acting.runner.apply({ token: token ?? '' });
    expect(outcome).toMatchObject({ undo: { possible: true }, result: 'unclear' });
    expect(acting.host.processes.get(10)?.oomScoreAdj).toBe(300);
    const later = createFakeActing({ auditPath: join(dir, 'actions.jsonl') });
    later.host.add(10, { oomScoreAdj: 300 });
    expect(await later.runner.undo({ origin: 'user' })).toMatchObject({ targets: [{ done: true }] });
    expect(later.host.processes.get(10)?.oomScoreAdj).toBe(0);
    await expect(later.runner.undo({ origin: 'user' })).rejects.toMatchObject({ code: 'not-found' });
  });

  test('does not put back what belongs to another process by now', async () => {
    const acting = open();
    acting.add(10);
    const { token } = await acting.runner.plan(ask('10', { action: 'suspend' }));
    await acting.runner.apply({ token: token ?? '' });
    acting.host.add(10, { startTime: 777, isStopped: true });
    expect(await acting.runner.undo({ origin: 'user' })).toMatchObject({
      result: 'failed',
      targets: [{ done: false, refusal: { code: 'identity-changed' } }],
    });
    expect(signalled(acting)).toEqual(['SIGSTOP 10']);
  });
});
