import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Alert, Notification } from '../../../src/model/index.ts';
import { SendFailure } from '../../../src/notify/failure.ts';
import { alertOf, notificationOf } from '../../support/alerts.ts';
import { openRig, type Rig, type RigOptions } from '../../support/notify/fake-channel.ts';

let dir: string;
const open: Rig[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rampart-lane-'));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'], now: 1_000_000 });
});
afterEach(async () => {
  vi.useRealTimers();
  for (const rig of open.splice(0)) await rig.notifier.close();
  rmSync(dir, { recursive: true, force: true });
});

async function rigged(options: RigOptions = {}): Promise<Rig> {
  const rig = await openRig({ outboxPath: join(dir, 'outbox.jsonl'), ...options });
  open.push(rig);
  return rig;
}
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const health = (rig: Rig) => rig.notifier.report().channels[0]!;
const ids = (list: readonly Notification[]): string[] => list.map(({ id }) => id);
const down = (): never => {
  throw new SendFailure('unreachable', 'ECONNREFUSED');
};

/** A notification of one alert, which the engine knows. */
function told(rig: Rig, name: string, over: Partial<Alert> = {}, kind: Notification['kind'] = 'firing'): Notification {
  const alert = alertOf({ fingerprint: name, groupKey: name, ...over });
  rig.alerts.set(name, alert);
  return notificationOf({ id: `msg_${name}_${kind}`, kind, alerts: [alert], atMs: Date.now() });
}

describe('what goes out', () => {
  it('goes at once, the graver first, each once', async () => {
    const rig = await rigged({ start: false });
    rig.notifier.sink(told(rig, 'a'));
    rig.notifier.sink(told(rig, 'b', { level: 'emergency' }));
    rig.notifier.sink(told(rig, 'c', { level: 'critical' }));
    rig.notifier.start();
    await pass(1);
    expect(ids(rig.arrived)).toEqual(['msg_b_firing', 'msg_c_firing', 'msg_a_firing']);
    rig.notifier.sink(told(rig, 'a'));
    await pass(1);
    expect(rig.arrived).toHaveLength(3);
    expect(health(rig)).toMatchObject({ sent: 3, waiting: 0, stopped: { 'already-sent': 1 }, state: 'ok' });
  });

  it.each([
    ['silenced', { silencedBy: 's1' }],
    ['acknowledged', { acknowledged: { by: 'me', atMs: 1, untilMs: 9e12 } }],
    ['inhibited', { inhibitedBy: 'other' }],
    ['resolved-meanwhile', { state: 'resolved', resolvedAtMs: 5 }],
  ] as const)('is looked at again when it is sent: %s', async (reason, change) => {
    const rig = await rigged();
    rig.answer = down;
    const first = told(rig, 'a');
    rig.notifier.sink(first);
    await pass(1);
    expect(rig.tried).toHaveLength(1);
    rig.alerts.set('a', { ...first.alerts[0]!, ...change });
    rig.answer = () => 'taken';
    await pass(10_000);
    expect(rig.arrived).toEqual([]);
    expect(health(rig)).toMatchObject({ waiting: 0, stopped: { [reason]: 1 } });
  });

  it('leaves out of a group what need not be told, and says the rest in its own words', async () => {
    const rig = await rigged({ start: false });
    const [a, b] = [alertOf({ fingerprint: 'a', title: 'First.' }), alertOf({ fingerprint: 'b', title: 'Second.' })];
    rig.alerts.set('a', { ...a, silencedBy: 's' }).set('b', b);
    rig.notifier.sink(notificationOf({ alerts: [a, b], title: 'Two things.', text: 'First. Second.' }));
    rig.notifier.start();
    await pass(1);
    expect(rig.arrived).toMatchObject([{ title: 'Second.', alerts: [{ fingerprint: 'b' }] }]);
    expect(rig.arrived[0]?.text).not.toContain('First.');
  });

  it('tells no end of what was never told, and the end of what only waited too long', async () => {
    const rig = await rigged();
    rig.notifier.sink(told(rig, 'quiet', { silencedBy: 's1' }));
    await pass(1);
    rig.notifier.sink(told(rig, 'quiet', { state: 'resolved' }, 'resolved'));
    await pass(1);
    expect(health(rig).stopped).toMatchObject({ silenced: 1, 'never-told': 1 });
    rig.answer = down;
    rig.notifier.sink(told(rig, 'late'));
    await pass(1);
    rig.notifier.sink(told(rig, 'late', { state: 'resolved' }, 'resolved'));
    rig.answer = () => 'taken';
    await pass(10_000);
    expect(ids(rig.arrived)).toEqual(['msg_late_resolved']);
  });

  it('lets a newer notification stand for an older one that nobody has tried yet', async () => {
    const rig = await rigged({ start: false });
    const [a, b] = [alertOf({ fingerprint: 'a' }), alertOf({ fingerprint: 'b' })];
    rig.notifier.sink(notificationOf({ id: 'old', groupKey: 'g', alerts: [a] }));
    rig.notifier.sink(notificationOf({ id: 'new', groupKey: 'g', alerts: [a, b] }));
    rig.notifier.sink(notificationOf({ id: 'other', groupKey: 'h', alerts: [a] }));
    rig.notifier.start();
    await pass(1);
    expect(ids(rig.arrived)).toEqual(['new', 'other']);
    expect(health(rig).stopped).toEqual({ superseded: 1 });
  });

  it('stops what is below the level of the channel', async () => {
    const rig = await rigged({ flags: { 'webhook.minLevel': 'critical' } });
    rig.notifier.sink(told(rig, 'a'));
    rig.notifier.sink(told(rig, 'b', { level: 'critical' }));
    await pass(1);
    expect(ids(rig.arrived)).toEqual(['msg_b_firing']);
  });
});

describe('a receiver that is down', () => {
  it('is tried after 5 s, 20 s, 80 s under the same id, and everything else waits for it', async () => {
    const rig = await rigged();
    rig.answer = down;
    const beganMs = Date.now();
    const atMs: number[] = [];
    rig.answer = () => {
      atMs.push(Date.now() - beganMs);
      return down();
    };
    rig.notifier.sink(told(rig, 'a'));
    await pass(1);
    rig.notifier.sink(told(rig, 'b'));
    await pass(106_000);
    expect(atMs).toEqual([0, 5_000, 25_000, 105_000]);
    expect(new Set(ids(rig.tried))).toEqual(new Set(['msg_a_firing']));
    expect(health(rig)).toMatchObject({ state: 'failing', waiting: 2, failed: 4, lastError: 'ECONNREFUSED' });
    rig.answer = () => 'taken';
    await pass(400_000);
    expect(ids(rig.arrived)).toEqual(['msg_a_firing', 'msg_b_firing']);
    expect(health(rig)).toMatchObject({ state: 'ok', waiting: 0, lastError: null });
  });

  it('is left alone as long as it asks for', async () => {
    const rig = await rigged();
    rig.answer = () => {
      throw new SendFailure('unreachable', 'HTTP 429', 60_000);
    };
    rig.notifier.sink(told(rig, 'a'));
    await pass(59_000);
    expect(rig.tried).toHaveLength(1);
    await pass(2_000);
    expect(rig.tried).toHaveLength(2);
  });

  it('that hangs is given up on after its time, whether it heeds the signal or not', async () => {
    const rig = await rigged();
    rig.answer = () => new Promise(() => undefined);
    rig.notifier.sink(told(rig, 'a'));
    await pass(999);
    expect(health(rig).failed).toBe(0);
    await pass(2);
    expect(health(rig)).toMatchObject({ failed: 1, lastError: 'no answer within 1000 ms' });
  });

  it('gets dead letters after a day, which a replay sends under their old ids', async () => {
    const rig = await rigged();
    rig.answer = down;
    rig.notifier.sink(told(rig, 'a'));
    await pass(30 * 60 * 60_000);
    expect(health(rig).waiting).toBe(0);
    expect(rig.notifier.report().deadLetters).toMatchObject([
      { id: 'msg_a_firing', channel: 'webhook', reason: 'ECONNREFUSED' },
    ]);
    rig.answer = () => 'taken';
    expect(rig.notifier.replay()).toEqual({ replayed: 1 });
    await pass(1);
    expect(ids(rig.arrived)).toEqual(['msg_a_firing']);
    expect(rig.notifier.report().deadLetters).toEqual([]);
  });

  it('that refuses one message gets the others', async () => {
    const rig = await rigged();
    rig.answer = ({ id }) => {
      if (id === 'msg_bad_firing') throw new SendFailure('refused', 'HTTP 400');
      return 'taken';
    };
    rig.notifier.sink(told(rig, 'bad', { level: 'emergency' }));
    rig.notifier.sink(told(rig, 'good'));
    await pass(1);
    expect(ids(rig.arrived)).toEqual(['msg_good_firing']);
    expect(health(rig)).toMatchObject({ waiting: 1, sent: 1, failed: 1 });
  });

  it('that asks for no more gets no more, also after a restart, until a test arrives', async () => {
    const rig = await rigged();
    rig.answer = () => {
      throw new SendFailure('gone', 'HTTP 410');
    };
    rig.notifier.sink(told(rig, 'a'));
    rig.notifier.sink(told(rig, 'b'));
    await pass(1);
    expect(health(rig)).toMatchObject({ state: 'disabled', waiting: 0 });
    expect(rig.tried).toHaveLength(1);
    await rig.notifier.close();
    const again = await rigged();
    again.notifier.sink(told(again, 'c'));
    await pass(1);
    expect(again.tried).toEqual([]);
    expect(health(again).state).toBe('disabled');
    expect(await again.notifier.test('webhook')).toMatchObject({ delivered: true, detail: 'taken' });
    expect(health(again).state).toBe('ok');
    expect(again.notifier.replay().replayed).toBe(3);
    await pass(1);
    expect(ids(again.arrived).slice(1).toSorted()).toEqual(['msg_a_firing', 'msg_b_firing', 'msg_c_firing']);
  });
});

describe('a restart', () => {
  it('sends what was not confirmed, once although it is handed on again, and nothing that was', async () => {
    const rig = await rigged();
    rig.notifier.sink(told(rig, 'a'));
    await pass(1);
    rig.answer = down;
    rig.notifier.sink(told(rig, 'b'));
    await pass(1);
    // As kill -9: nothing is closed.
    const again = await rigged();
    again.notifier.sink(told(again, 'b'));
    expect(health(again).waiting).toBe(1);
    await pass(10_000);
    expect(ids(again.arrived)).toEqual(['msg_b_firing']);
    again.notifier.sink(told(again, 'a'));
    await pass(1);
    expect(health(again).stopped).toEqual({ 'already-sent': 1 });
  });
});

describe('a restart after a long time', () => {
  it('does not tell what is too old, but keeps it', async () => {
    const rig = await rigged();
    rig.answer = down;
    rig.notifier.sink(told(rig, 'old'));
    await pass(1);
    await rig.notifier.close();
    vi.setSystemTime(Date.now() + 3 * 24 * 3_600_000);
    const again = await rigged();
    await pass(10_000);
    expect(again.tried).toEqual([]);
    expect(again.notifier.report().deadLetters).toMatchObject([{ id: 'msg_old_firing', reason: 'it waited too long' }]);
    again.notifier.replay();
    await pass(1);
    expect(ids(again.arrived)).toEqual(['msg_old_firing']);
  });
});

describe('too much', () => {
  it('drops the least grave and oldest of a channel that keeps nothing, and counts it', async () => {
    const rig = await rigged({ traits: { durable: false }, start: false });
    rig.notifier.sink(told(rig, 'grave', { level: 'emergency' }));
    for (let index = 0; index < 150; index += 1) rig.notifier.sink(told(rig, `n${index}`));
    expect(health(rig)).toMatchObject({ waiting: 100, dropped: 51 });
    rig.notifier.start();
    await pass(1);
    expect(ids(rig.arrived)).toContain('msg_grave_firing');
    expect(ids(rig.arrived)).toContain('msg_n149_firing');
    expect(ids(rig.arrived)).not.toContain('msg_n0_firing');
  });

  it('waits for the rate of the channel; an emergency does not', async () => {
    const rig = await rigged({ traits: { rate: { burst: 2, everyMs: 10_000 } } });
    for (const name of ['a', 'b', 'c', 'd']) rig.notifier.sink(told(rig, name));
    await pass(1);
    expect(rig.arrived).toHaveLength(2);
    rig.notifier.sink(told(rig, 'e', { level: 'emergency' }));
    await pass(1);
    expect(ids(rig.arrived)).toEqual(['msg_a_firing', 'msg_b_firing', 'msg_e_firing']);
    await pass(10_000);
    expect(rig.arrived).toHaveLength(4);
    await pass(10_000);
    expect(rig.arrived).toHaveLength(5);
  });

  it('becomes a digest where the channel makes one; what is critical takes along what waits', async () => {
    const rig = await rigged({ traits: { digestMs: 300_000 } });
    rig.notifier.sink(told(rig, 'a'));
    await pass(100_000);
    rig.notifier.sink(told(rig, 'b'));
    await pass(199_000);
    expect(rig.tried).toEqual([]);
    await pass(2_000);
    expect(rig.arrived).toMatchObject([{ alerts: [{ fingerprint: 'a' }, { fingerprint: 'b' }] }]);
    rig.notifier.sink(told(rig, 'c'));
    rig.notifier.sink(told(rig, 'd', { level: 'critical' }));
    await pass(1);
    expect(rig.arrived[1]).toMatchObject({ level: 'critical', alerts: [{ fingerprint: 'c' }, { fingerprint: 'd' }] });
    expect(health(rig).sent).toBe(4);
  });
});

it('refreshes a receiver that forgets, and says so when that fails', async () => {
  const refresh = vi.fn<() => Promise<void>>(async () => undefined);
  const rig = await rigged({ traits: { refreshMs: 60_000, durable: false }, refresh });
  await pass(1);
  expect(refresh).toHaveBeenCalledTimes(1);
  await pass(120_000);
  expect(refresh).toHaveBeenCalledTimes(3);
  refresh.mockRejectedValue(new Error('gone fishing'));
  await pass(60_000);
  expect(health(rig)).toMatchObject({ state: 'failing', lastError: 'gone fishing' });
});

it('returns at once and never throws, whatever the channel does', async () => {
  const rig = await rigged();
  rig.answer = () => {
    throw new TypeError('a bug');
  };
  expect(() => rig.notifier.sink(told(rig, 'a'))).not.toThrow();
  await pass(1);
  expect(health(rig)).toMatchObject({ state: 'failing', lastError: 'a bug' });
});
