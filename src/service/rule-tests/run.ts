import {
  type AlertEngine,
  createAlertEngine,
  RULES,
  timingOf,
  type CompileRegex,
  readState,
} from '../../alerts/index.ts';
import type { Config } from '../../config/index.ts';
import type { Alert, Notification } from '../../model/index.ts';
import { RampartError } from '../../model/index.ts';
import type { AlertingConfig } from '../alerting.ts';
import { type Expected, RuleTestFile, type RuleTest } from './format.ts';
import { spanMs, wrong } from './notation.ts';
import { createTestWorld } from './world.ts';

export interface RuleTestResult {
  readonly name: string;
  /** What was otherwise than expected, one sentence each; empty: passed. */
  readonly failures: readonly string[];
}

/** Tests begin here: a time of day that no rule looks at. */
const EPOCH_MS = 1_800_000_000_000;
/** A test is a story of hours, not of weeks. */
const MAX_LOOKS = 200_000;

/** Runs the tests of one file, as it was parsed. Throws `RampartError('bad-input')` where the file is not in the format. */
export function runRuleTests(content: unknown, config: AlertingConfig): RuleTestResult[] {
  const read = RuleTestFile.safeParse(content);
  if (!read.success) {
    const [first] = read.error.issues;
    throw wrong(`${first?.path.join('.') ?? ''}: ${first?.message ?? 'not in the format'}`, 'the file');
  }
  const { tests, thresholds, evaluation_interval: every } = read.data;
  const levels = { ...config.alertThresholds, ...defined(thresholds) };
  return tests.map((test) => runTest(test, spanMs(every), { ...config, alertThresholds: levels }));
}

function defined(thresholds: object): Partial<Config['alertThresholds']> {
  return Object.fromEntries(Object.entries(thresholds).filter(([, value]) => value !== undefined));
}

interface Moment {
  readonly atMs: number;
  readonly run: () => void;
}

function runTest(test: RuleTest, everyMs: number, config: AlertingConfig): RuleTestResult {
  const failures: string[] = [];
  const intervalMs = spanMs(test.interval);
  if (!(everyMs > 0 && intervalMs > 0)) throw wrong('an interval must be longer than nothing', test.name);
  const world = createTestWorld(test, intervalMs);
  const sent: Notification[] = [];
  let engine = start(config, everyMs, null);
  let nowMs = EPOCH_MS;

  const moments: Moment[] = [
    ...test.actions.map((action) => ({
      atMs: spanMs(action.at),
      run: () => {
        if (action.restart === true) {
          const state = readState(JSON.parse(JSON.stringify(engine.state(nowMs))));
          if (state === null) throw new RampartError('internal', 'state does not read back', 'Report this.');
          engine = start(config, everyMs, state);
        }
        act(engine, action, nowMs);
      },
    })),
    ...test.alert_rule_test.map((check) => ({
      atMs: spanMs(check.eval_time),
      run: () => failures.push(...compare(check.eval_time, check.alertname, check.exp_alerts, engine, nowMs)),
    })),
    ...test.notification_test.map((check) => ({
      atMs: spanMs(check.eval_time),
      run: () => {
        const kinds = sent.map(({ kind }) => kind);
        if (kinds.join() === check.exp_kinds.join()) return;
        failures.push(
          `at ${check.eval_time}: notifications [${kinds.join(', ')}], expected [${check.exp_kinds.join(', ')}]`,
        );
      },
    })),
  ].toSorted((a, b) => a.atMs - b.atMs);

  const endMs = moments.at(-1)?.atMs ?? 0;
  if (endMs / everyMs > MAX_LOOKS) throw wrong(`more than ${MAX_LOOKS} looks`, test.name);
  for (let elapsedMs = 0; elapsedMs <= endMs; elapsedMs += everyMs) {
    nowMs = EPOCH_MS + elapsedMs;
    const observation = world.at(elapsedMs, nowMs);
    if (observation !== null) sent.push(...engine.evaluate(observation).notifications);
    while (moments[0] !== undefined && moments[0].atMs < elapsedMs + everyMs) moments.shift()?.run();
  }
  return { name: test.name, failures };
}

function start(config: AlertingConfig, everyMs: number, state: ReturnType<typeof readState>): AlertEngine {
  return createAlertEngine({
    thresholds: config.alertThresholds,
    timing: timingOf({ cooldownMs: config.cooldownPeriods, repeatMs: config.alerts.repeat }),
    compileRegex: NO_REGEX,
    gapMs: Math.max(5 * 60_000, everyMs * 3),
    state,
  });
}

const NO_REGEX: CompileRegex = () => {
  throw new RampartError('unsupported', 'tests compare labels exactly', 'Leave regular expressions out.');
};

function act(engine: AlertEngine, { acknowledge, silence }: RuleTest['actions'][number], nowMs: number): void {
  if (acknowledge !== undefined) {
    const alert = engine.firing().find(({ rule }) => rule === acknowledge.rule);
    if (alert === undefined) throw wrong('no alert of this rule fires when it is to be acknowledged', acknowledge.rule);
    const forMs = acknowledge.for === undefined ? undefined : spanMs(acknowledge.for);
    engine.acknowledge({ id: alert.fingerprint, by: 'test', forMs }, nowMs);
  }
  if (silence === undefined) return;
  const matchers = Object.entries(silence.matchers).map(([label, value]) => ({ label, value, isRegex: false }));
  engine.silence({ matchers, forMs: spanMs(silence.for), by: 'test', reason: 'test' }, nowMs);
}

function compare(
  time: string | number,
  rule: string,
  expected: readonly Expected[],
  engine: AlertEngine,
  nowMs: number,
): string[] {
  if (!RULES.some(({ name }) => name === rule))
    throw wrong(`unknown rule (there are ${RULES.map(({ name }) => name).join(', ')})`, rule);
  const wantsResolved = expected.some(({ exp_state: state }) => state === 'resolved');
  const { alerts } = engine.report({ state: wantsResolved ? 'all' : 'active', limit: 200 }, nowMs);
  const own = alerts.filter((alert) => alert.rule === rule);
  const left = [...own];
  const failures: string[] = [];
  for (const want of expected) {
    const index = left.findIndex((alert) => fits(alert, want));
    if (index >= 0) left.splice(index, 1);
    else failures.push(`at ${time}: no ${rule} as ${JSON.stringify(want)}; there are ${describe(own)}`);
  }
  if (failures.length === 0 && left.length > 0) failures.push(`at ${time}: not expected of ${rule}: ${describe(left)}`);
  return failures;
}

function fits(alert: Alert, want: Expected): boolean {
  return (
    (want.exp_level === undefined || alert.level === want.exp_level) &&
    alert.state === (want.exp_state ?? 'firing') &&
    Object.entries(want.exp_labels ?? {}).every(([label, value]) => alert.labels[label] === value) &&
    alert.title.includes(want.exp_title ?? '') &&
    (want.acknowledged === undefined || (alert.acknowledged !== null) === want.acknowledged) &&
    (want.silenced === undefined || (alert.silencedBy !== null) === want.silenced) &&
    (want.inhibited === undefined || (alert.inhibitedBy !== null) === want.inhibited) &&
    (want.flapping === undefined || alert.flapping === want.flapping)
  );
}

function describe(alerts: readonly Alert[]): string {
  const rows = alerts.map(({ level, state, labels, title, silencedBy, inhibitedBy, acknowledged }) => {
    const quiet = [silencedBy && 'silenced', inhibitedBy && 'inhibited', acknowledged && 'acknowledged']
      .filter(Boolean)
      .join(' ');
    return `${level} ${state} ${quiet} ${JSON.stringify(labels)} "${title}"`;
  });
  return rows.length === 0 ? 'none' : rows.join('; ');
}
