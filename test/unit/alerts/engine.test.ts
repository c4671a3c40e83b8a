import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDay } from '../../../bench/alerts/day.ts';
import { createEyes } from '../../../bench/alerts/observe.ts';
import { runDay } from '../../../bench/alerts/run.ts';
import {
  createAlertEngine,
  INHIBITIONS,
  readState,
  RULES,
  timingOf,
  type AlertEngine,
  type AlertState,
} from '../../../src/alerts/index.ts';
import { changeShare, emptyRing, flaps, sampled } from '../../../src/alerts/flapping.ts';
import { fingerprint } from '../../../src/alerts/fingerprint.ts';
import { inhibitors } from '../../../src/alerts/inhibit.ts';
import { ConfigSchema } from '../../../src/config/schema.ts';
import type { Observation, SilenceOrder } from '../../../src/model/index.ts';
import { createSafeRegex } from '../../../src/service/answers/safe-regex.ts';
import { alertOf } from '../../support/alerts.ts';

const config = ConfigSchema.parse({});
const regex = createSafeRegex();
await regex.load();

function open(state: AlertState | null = null): AlertEngine {
  return createAlertEngine({
    thresholds: config.alertThresholds,
    timing: timingOf({ cooldownMs: config.cooldownPeriods, repeatMs: config.alerts.repeat }),
    compileRegex: regex.compile,
    state,
  });
}

/** A small swarm with incidents of every kind, seen for some hours. */
function recorded(seed: number, hours: number): Observation[] {
  const day = createDay({
    seed,
    processes: 40,
    hours,
    incidents: { orphans: 1, duplicates: 1, exhaustion: 1, pressure: 1, transcript: 1 },
  });
  const eyes = createEyes(day);
  const seen: Observation[] = [];
  for (let tS = 0; tS <= day.seconds; tS += day.stepS) {
    day.advance(tS);
    seen.push(eyes.look(tS));
  }
  return seen;
}

const SEEN = recorded(5, 3);

describe('the same observations', () => {
  test('give the same alerts and notifications, live and in a replay', { timeout: 30_000 }, () => {
    const live = open();
    const first = SEEN.map((observation) => live.evaluate(observation));
    expect(first.flatMap(({ notifications }) => notifications).length).toBeGreaterThan(3);
    // What was recorded has gone through JSON.
    const replayed = open();
    const second = SEEN.map((observation) => replayed.evaluate(JSON.parse(JSON.stringify(observation)) as Observation));
    expect(second).toEqual(first);
  });

  test('tell nothing twice, however often the service is started anew in between', () => {
    const whole = open();
    const told = (engine: AlertEngine, observation: Observation): string[] =>
      engine
        .evaluate(observation)
        .notifications.filter(({ kind }) => kind !== 'resolved')
        .map(({ groupKey, level }) => `${groupKey} ${level}`);
    const once = SEEN.flatMap((observation) => told(whole, observation));
    let engine = open();
    const often: string[] = [];
    for (const [index, observation] of SEEN.entries()) {
      often.push(...told(engine, observation));
      if (index % 97 !== 96) continue;
      const state = readState(JSON.parse(JSON.stringify(engine.state(observation.atMs))));
      expect(state).not.toBeNull();
      engine = open(state);
    }
    for (const each of new Set(often)) {
      const count = (all: readonly string[]): number => all.filter((other) => other === each).length;
      expect(count(often)).toBeLessThanOrEqual(Math.max(1, count(once)));
    }
  });
});

test('a small day: every incident is alerted, little is false', { timeout: 120_000 }, () => {
  const incidents = { leak: 1, orphans: 1, duplicates: 1, exhaustion: 1, runaway: 1, pressure: 1, transcript: 1 };
  const { rampart } = runDay({ seed: 11, processes: 60, hours: 12, usedShare: 0.2, incidents }, false);
  expect(rampart.alerted, rampart.missed.join('; ')).toBe(7);
  expect(rampart.falseAlerts, rampart.falseTexts.join('; ')).toBeLessThanOrEqual(1);
  expect(rampart.perIncident).toBeLessThanOrEqual(1.5);
});

describe('silences', () => {
  const host = (over: Partial<Observation> = {}): Observation => {
    const first = SEEN[0] as Observation;
    const limit = { ...first.limit, headroomBytes: first.limit.limitBytes * 0.02 };
    return { ...first, limit, ...over };
  };
  const order = (over: Partial<SilenceOrder>): SilenceOrder => ({
    forMs: 3_600_000,
    by: 'ada',
    reason: 'known',
    ...over,
  });

  test('cover by exact labels and by patterns over the whole value, and by the id of an alert', () => {
    const engine = open();
    engine.evaluate(host());
    const [alert] = engine.firing();
    const { atMs } = host();
    const silenced = (): boolean => {
      engine.evaluate(host({ atMs }));
      return engine.firing()[0]?.silencedBy !== null;
    };
    for (const [value, isRegex, covers] of [
      ['host-memory', false, true],
      ['host', false, false],
      ['host-(memory|swap)', true, true],
      ['memory', true, false],
    ] as const) {
      const made = engine.silence(order({ matchers: [{ label: 'rule', value, isRegex }] }), atMs);
      expect([value, silenced()]).toEqual([value, covers]);
      engine.endSilence(made.id, atMs);
    }
    const made = engine.silence(order({ alert: alert?.fingerprint.slice(0, 8) }), atMs);
    expect(made.matchers).toEqual([
      { label: 'rule', value: 'host-memory', isRegex: false },
      { label: 'subject', value: 'host', isRegex: false },
    ]);
    expect(silenced()).toBe(true);
  });

  test.each([
    [order({ matchers: [] }), 'matchers'],
    [order({ matchers: [{ label: 'rule', value: '.*', isRegex: true }] }), 'everything'],
    [order({ matchers: [{ label: 'rule', value: '', isRegex: false }] }), 'everything'],
    [order({ matchers: [{ label: 'Rule; x', value: 'a', isRegex: false }] }), 'matcher'],
    [order({ matchers: [{ label: 'rule', value: '(a)\\1', isRegex: true }] }), 'safely'],
    [order({ matchers: [{ label: 'rule', value: 'leak', isRegex: false }], forMs: Number.NaN }), 'ends'],
    [order({ matchers: [{ label: 'rule', value: 'leak', isRegex: false }], forMs: 1e12 }), 'ends'],
    [order({ matchers: [{ label: 'rule', value: 'leak', isRegex: false }], reason: ' ' }), 'reason'],
    [order({ alert: 'ffffffff' }), 'no alert'],
  ])('%j is refused', (wrong, message) => {
    expect(() => open().silence(wrong, 1)).toThrow(message);
  });

  test('no pattern hangs us', () => {
    const from = performance.now();
    for (const pattern of ['(a+)+b', '(a|a)*b', '(a|aa)+$b', '([a-z]+)*!', '(.*)(.*)(.*)(.*)(.*)x']) {
      expect(regex.compile(pattern)('a'.repeat(5_000))).toBe(false);
    }
    expect(performance.now() - from).toBeLessThan(2_000);
  });
});

describe('flapping', () => {
  const ringOf = (states: string) =>
    states.split('').reduce((ring, state, index) => sampled(ring, state === '1', index, 1), emptyRing(-1));

  test('is a share of changes, newer ones weighing more', () => {
    expect(changeShare(ringOf('000000000000000000000'))).toBe(0);
    expect(changeShare(ringOf('010101010101010101010'))).toBeCloseTo(1, 5);
    expect(changeShare(ringOf('100000000000000000000'))).toBeCloseTo(0.8 / 20, 5);
    expect(changeShare(ringOf('000000000000000000001'))).toBeCloseTo(1.2 / 20, 5);
  });

  test('begins at a fifth, ends at a twentieth', () => {
    expect(flaps(ringOf('000000000000000110011'), false)).toBe(false);
    expect(flaps(ringOf('000000000001100110011'), false)).toBe(true);
    expect(flaps(ringOf('000110000000000000000'), true)).toBe(true);
    expect(flaps(ringOf('100000000000000000000'), true)).toBe(false);
  });
});

test('fingerprints differ by rule, key and where one ends', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 20 }), { minLength: 1, maxLength: 3 }),
      fc.array(fc.string({ maxLength: 20 }), { minLength: 1, maxLength: 3 }),
      (a, b) => {
        expect(fingerprint(...a)).toMatch(/^[0-9a-f]{16}$/);
        expect(fingerprint(...a) === fingerprint(...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      },
    ),
  );
});

describe('inhibition', () => {
  const host = alertOf({
    fingerprint: 'h',
    rule: 'host-memory',
    type: 'system-memory',
    level: 'critical',
    subject: { kind: 'host', id: 'host', name: 'host' },
    groupKey: 'host',
  });
  const runaway = alertOf({
    fingerprint: 'r',
    rule: 'session-runaway',
    type: 'session-growth',
    level: 'critical',
    subject: { kind: 'session', id: 'a', name: 'a' },
  });
  const leak = alertOf({ fingerprint: 'l', level: 'warning', labels: { session: 'a' } });

  test('goes from the wider to its parts, and to what is milder on the same subject', () => {
    expect(inhibitors([host, leak])).toEqual(new Map([['l', 'h']]));
    expect(inhibitors([host, { ...leak, level: 'emergency' }])).toEqual(new Map());
    expect(inhibitors([{ ...host, level: 'warning' }, leak])).toEqual(new Map());
    expect(inhibitors([runaway, host, leak])).toEqual(
      new Map([
        ['h', 'r'],
        ['l', 'h'],
      ]),
    );
  });

  test('never makes two alerts silence each other, or all of them', () => {
    const subjects = [
      { kind: 'host', id: 'host', name: '' },
      { kind: 'session', id: 'a', name: '' },
      { kind: 'process', id: '1:1', name: '' },
      { kind: 'server', id: 's', name: '' },
    ] as const;
    const any = fc.record({
      rule: fc.constantFrom(...RULES),
      level: fc.constantFrom('warning' as const, 'critical' as const, 'emergency' as const),
      subject: fc.constantFrom(...subjects),
    });
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 8 }), (made) => {
        const alerts = made.map(({ rule, level, subject }, index) =>
          alertOf({
            fingerprint: String(index),
            rule: rule.name,
            type: rule.type,
            level,
            subject,
            groupKey: subject.id,
            labels: { session: 'a', server: 's' },
          }),
        );
        const found = inhibitors(alerts);
        expect(found.size).toBeLessThan(alerts.length);
      }),
      { numRuns: 2000 },
    );
    expect(INHIBITIONS.length).toBeGreaterThan(0);
  });
});

test('whatever a state file holds, it is read as ours or not at all', () => {
  const good = open();
  for (const observation of SEEN.slice(0, 200)) good.evaluate(observation);
  const state = JSON.parse(JSON.stringify(good.state(1))) as unknown;
  expect(readState(state)).toEqual(state);
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      expect(() => open(readState(value)).report({}, 1)).not.toThrow();
    }),
  );
});
