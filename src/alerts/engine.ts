import {
  type AcknowledgeOrder,
  type Alert,
  type AlertBook,
  type AlertQuery,
  type AlertReport,
  type Notification,
  type Observation,
  RampartError,
  type Silence,
  type SilenceOrder,
} from '../model/index.ts';
import type { Condition, EvaluateContext, MissingFigure, Rule, Thresholds, Unknown, Verdicts } from './define-rule.ts';
import { type Group, plan, type Timing } from './groups.ts';
import { inhibitors } from './inhibit.ts';
import { HOST, HOST_GROUP } from './labels.ts';
import { afterGap, type Change, type Life, step, stillAcknowledged } from './life.ts';
import { alertReport } from './report.ts';
import { RULES } from './rules/index.ts';
import { type CompileRegex, createSilences, matchersOf } from './silences.ts';
import type { AlertState } from './state.ts';

export interface AlertEngineOptions {
  readonly thresholds: Thresholds;
  readonly timing: Timing;
  readonly compileRegex: CompileRegex;
  /** Of an earlier run; null: none. */
  readonly state?: AlertState | null;
  /** Looks further apart than this have a hole between them. */
  readonly gapMs?: number;
  readonly rules?: readonly Rule[];
}

export interface AlertChange {
  readonly change: Change | 'acknowledged';
  readonly alert: Alert;
}

export interface Evaluation {
  readonly changes: readonly AlertChange[];
  readonly notifications: readonly Notification[];
}

/** The alerts of one machine. Knows no clock: time is that of what it is shown. The same observations give the same alerts. */
export interface AlertEngine extends AlertBook {
  /** `scope` 'host': only rules about the machine as a whole, between two full looks. */
  evaluate(observation: Observation, scope?: 'host' | 'all'): Evaluation;
  /** No look came through since then. */
  blind(nowMs: number, sinceMs: number): Evaluation;
  acknowledge(order: AcknowledgeOrder, nowMs: number): Alert;
  silence(order: SilenceOrder, nowMs: number): Silence;
  endSilence(id: string, nowMs: number): Silence;
  report(query: AlertQuery, nowMs: number): AlertReport;
  /** Nothing fires, is pending or waits to be told: between full looks there is nothing to be asked of a calm machine. */
  readonly isCalm: boolean;
  /** Changes whenever there is something new to be written down. */
  readonly revision: number;
  state(nowMs: number): AlertState;
}

/** Thirty looks: a machine that swaps hard skips some; a laptop that slept has skipped all. */
const GAP_MS = 5 * 60_000;
/** Half a working day: whoever deals with it is done, or has forgotten it. */
const DEFAULT_ACK_MS = 4 * 3_600_000;
/** As a silence (see there): none is for good. */
const MAX_ACK_MS = 30 * 24 * 3_600_000;
/** Half a megabyte; a bad day has fifty. */
const MAX_RESOLVED = 500;
/** Shorter beginnings of a fingerprint would often fit two. */
const MIN_PREFIX = 6;

type Scope = Rule['scope'];

export function createAlertEngine(options: AlertEngineOptions): AlertEngine {
  const { thresholds, timing, compileRegex, state = null, gapMs = GAP_MS, rules = RULES } = options;
  const running = rules.map((rule) => ({ rule, evaluate: rule.start(thresholds) }));
  const lives = new Map<string, Map<string, Life>>(rules.map(({ name }) => [name, new Map()]));
  const silences = createSilences(state?.silences ?? [], compileRegex);
  let groups: ReadonlyMap<string, Group> = new Map(state?.groups);
  let revision = 0;
  /** Last look at each scope, and since when each has been looked at without a hole. */
  const seen = new Map<Scope, number>();
  const startedAt = new Map<Scope, number>();
  const missingSince = new Map<string, number>();
  let last: Observation | null = null;
  // A rule of an older version left its alerts behind: nobody would ever end them.
  for (const life of state?.lives ?? []) lives.get(life.alert.rule)?.set(life.key, life);

  const all = function* (): Generator<Life> {
    for (const own of lives.values()) yield* own.values();
  };
  const keep = (life: Life): void => {
    lives.get(life.alert.rule)?.set(life.key, life);
  };
  const alerts = (): Alert[] => [...all()].map(({ alert }) => alert);

  /** Notes the time of a look, and whether there was a hole before it. */
  const noteLook = (scope: Scope, atMs: number): void => {
    const before = seen.get(scope);
    seen.set(scope, atMs);
    if (before !== undefined && atMs >= before && atMs - before <= gapMs) return;
    startedAt.set(scope, atMs);
    for (const { rule } of running) {
      if (rule.scope !== scope) continue;
      for (const life of lives.get(rule.name)?.values() ?? []) {
        if (life.alert.state !== 'resolved') keep(afterGap(life, atMs));
      }
    }
  };

  const stepAll = (rule: Rule, { holds, unknown }: Verdicts, atMs: number): AlertChange[] => {
    const own = lives.get(rule.name) ?? new Map<string, Life>();
    const changes: AlertChange[] = [];
    const isWarm = atMs - (startedAt.get(rule.scope) ?? atMs) >= (rule.warmUpMs ?? 0);
    const held = new Set(unknown.map(({ key }) => key));
    const conditions = new Map<string, Condition>(holds.map((condition) => [condition.key, condition]));
    for (const key of new Set([...own.keys(), ...conditions.keys()])) {
      const before = own.get(key) ?? null;
      const { life, change } = step(before, rule, conditions.get(key) ?? null, !isWarm || held.has(key), atMs);
      if (life === null) own.delete(key);
      else own.set(key, life);
      if (life?.alert.state !== before?.alert.state || change !== null) revision += 1;
      if (life !== null && change !== null) changes.push({ change, alert: life.alert });
    }
    return changes;
  };

  const noteMissing = (rule: Rule, unknown: readonly Unknown[], atMs: number): MissingFigure[] => {
    const found: MissingFigure[] = [];
    const now = new Set<string>();
    for (const { key, missing } of unknown) {
      if (missing === null) continue;
      const id = `${rule.name} ${key}`;
      now.add(id);
      const sinceMs = missingSince.get(id) ?? atMs;
      missingSince.set(id, sinceMs);
      const life = lives.get(rule.name)?.get(key);
      const { subject, groupKey } = life?.alert ?? { subject: HOST, groupKey: HOST_GROUP };
      found.push({ rule: rule.name, key, subject, groupKey, sinceMs, reason: missing });
    }
    for (const id of missingSince.keys()) {
      if (id.startsWith(`${rule.name} `) && !now.has(id)) missingSince.delete(id);
    }
    return found;
  };

  /** Who is quiet and why, and who is told. */
  const tell = (atMs: number): readonly Notification[] => {
    silences.prune(atMs);
    const firing = alerts().filter((alert) => alert.state === 'firing');
    const inhibitedBy = inhibitors(firing);
    const anySilence = silences.list().length > 0;
    for (const life of all()) {
      if (life.alert.state === 'resolved') continue;
      const quiet = {
        silencedBy: anySilence ? silences.of(life.alert.labels) : null,
        inhibitedBy: inhibitedBy.get(life.alert.fingerprint) ?? null,
        acknowledged: stillAcknowledged(life.alert, atMs),
      };
      const { alert } = life;
      if (
        quiet.silencedBy !== alert.silencedBy ||
        quiet.inhibitedBy !== alert.inhibitedBy ||
        quiet.acknowledged !== alert.acknowledged
      ) {
        keep({ ...life, alert: { ...alert, ...quiet } });
      }
    }
    const planned = plan([...all()], groups, timing, last?.processes ?? [], atMs);
    groups = planned.groups;
    for (const life of planned.lives) keep(life);
    if (planned.notifications.length > 0) revision += 1;
    return planned.notifications;
  };

  const forgetOldest = (): void => {
    const resolved = [...all()].filter(({ alert }) => alert.state === 'resolved');
    if (resolved.length <= MAX_RESOLVED) return;
    const oldest = resolved.toSorted((a, b) => (a.alert.resolvedAtMs ?? 0) - (b.alert.resolvedAtMs ?? 0));
    for (const life of oldest.slice(0, resolved.length - MAX_RESOLVED)) lives.get(life.alert.rule)?.delete(life.key);
  };

  const look = (observation: Observation, scope: Scope, blindness: readonly MissingFigure[]): Evaluation => {
    const { atMs } = observation;
    const changes: AlertChange[] = [];
    const missing: MissingFigure[] = [...blindness];
    for (const { rule, evaluate } of running) {
      if (scope === 'host' && rule.scope !== 'host') continue;
      const own = lives.get(rule.name);
      const before: EvaluateContext['before'] = (key) => {
        const alert = own?.get(key)?.alert;
        return alert === undefined || alert.state === 'resolved' ? null : alert.level;
      };
      const verdicts = evaluate(observation, { before, missing });
      missing.push(...noteMissing(rule, verdicts.unknown, atMs));
      changes.push(...stepAll(rule, verdicts, atMs));
    }
    forgetOldest();
    return { changes: withLatest(changes, lives), notifications: tell(atMs) };
  };

  /** Acknowledgement and silence are about what is there: by the whole fingerprint or its beginning. */
  const find = (id: string): Life => {
    const begun = id.length < MIN_PREFIX ? [] : [...all()].filter(({ alert }) => alert.fingerprint.startsWith(id));
    const [one] = begun;
    if (one !== undefined && begun.length === 1) return one;
    const ids = alerts()
      .filter((alert) => alert.state === 'firing')
      .slice(0, 6)
      .map((alert) => alert.fingerprint);
    throw new RampartError(
      'not-found',
      one === undefined ? 'no alert has this id' : 'more than one alert begins like this',
      ids.length === 0 ? 'No alert fires now.' : `Alerts that fire now: ${ids.join(', ')}.`,
    );
  };

  return {
    evaluate(observation, scope = 'all') {
      last = observation;
      noteLook('host', observation.atMs);
      if (scope === 'all') noteLook('all', observation.atMs);
      return look(observation, scope, []);
    },
    blind(nowMs, sinceMs) {
      if (last === null) return { changes: [], notifications: [] };
      const reason = 'no look at the machine came through';
      const missing = { rule: 'looks', key: 'host', subject: HOST, groupKey: HOST_GROUP, sinceMs, reason };
      const changes: AlertChange[] = [];
      const blindRule = running.find(({ rule }) => rule.type === 'no-data');
      if (blindRule !== undefined) {
        const context = { before: () => null, missing: [missing] };
        changes.push(...stepAll(blindRule.rule, blindRule.evaluate({ ...last, atMs: nowMs }, context), nowMs));
      }
      return { changes, notifications: tell(nowMs) };
    },
    acknowledge({ id, by, forMs = DEFAULT_ACK_MS }, nowMs) {
      if (!(forMs > 0 && forMs <= MAX_ACK_MS)) {
        throw new RampartError(
          'bad-input',
          'an acknowledgement lasts at most 30 days',
          'Give a time such as 30m, 4h or 2d.',
        );
      }
      const life = find(id);
      if (life.alert.state !== 'firing') {
        throw new RampartError(
          'bad-input',
          `this alert is ${life.alert.state}`,
          'Only what fires can be acknowledged.',
        );
      }
      const alert = { ...life.alert, acknowledged: { by: by.slice(0, 200), atMs: nowMs, untilMs: nowMs + forMs } };
      keep({ ...life, alert });
      revision += 1;
      return alert;
    },
    silence(order, nowMs) {
      const matchers = order.matchers ?? (order.alert === undefined ? [] : matchersOf(find(order.alert).alert));
      const silence = silences.add(order, matchers, nowMs);
      revision += 1;
      return silence;
    },
    endSilence(id, nowMs) {
      revision += 1;
      return silences.end(id, nowMs);
    },
    current: (id) => alerts().find((alert) => alert.fingerprint === id) ?? null,
    firing: () => alerts().filter((alert) => alert.state === 'firing'),
    report: (query, nowMs) => alertReport(alerts(), silences.list(), query, nowMs),
    get isCalm() {
      for (const { alert, toldLevel } of all()) if (alert.state !== 'resolved' || toldLevel !== null) return false;
      return true;
    },
    get revision() {
      return revision;
    },
    state: (nowMs) => ({
      version: 1,
      savedAtMs: nowMs,
      lives: [...all()],
      silences: silences.list(),
      groups: [...groups],
      untold: [],
    }),
  };
}

/** Changes tell of alerts as they are after the look. */
function withLatest(
  changes: readonly AlertChange[],
  lives: ReadonlyMap<string, ReadonlyMap<string, Life>>,
): AlertChange[] {
  const latest = new Map<string, Alert>();
  for (const own of lives.values()) for (const { alert } of own.values()) latest.set(alert.fingerprint, alert);
  return changes.map(({ change, alert }) => ({ change, alert: latest.get(alert.fingerprint) ?? alert }));
}
