import { createAlertEngine, timingOf } from '../../src/alerts/index.ts';
import { ConfigSchema } from '../../src/config/schema.ts';
import type { Notification } from '../../src/model/index.ts';
import { createDay, type DayOptions } from './day.ts';
import { createEyes } from './observe.ts';
import type { Incident } from './model.ts';
import { callOf, type Call, score, type Score, subjectsOf } from './score.ts';
import { createSeed } from './seed.ts';

export interface DayResult {
  readonly seed: number;
  readonly rampart: Score;
  readonly original: Score | null;
  readonly resolved: number;
  readonly fired: number;
  /** CPU time of the rules themselves for one look, ms. */
  readonly evaluateMs: number;
  readonly notifications: readonly Notification[];
}

/** One day, seen by Rampart and by the original's rules. */
export function runDay(options: DayOptions, withOriginal: boolean): DayResult {
  const config = ConfigSchema.parse({});
  const day = createDay(options);
  const eyes = createEyes(day);
  const engine = createAlertEngine({
    thresholds: config.alertThresholds,
    timing: timingOf({ cooldownMs: config.cooldownPeriods, repeatMs: config.alerts.repeat }),
    compileRegex: () => () => false,
  });
  const original = withOriginal ? createSeed(day) : null;
  const notifications: Notification[] = [];
  const originalCalls: Call[] = [];
  const standing = new Set<Incident>();
  let fired = 0;
  let spentMs = 0;
  let looks = 0;
  for (let tS = 0; tS <= day.seconds; tS += day.stepS) {
    day.advance(tS);
    const observation = eyes.look(tS);
    const from = performance.now();
    const evaluation = engine.evaluate(observation);
    spentMs += performance.now() - from;
    looks += 1;
    fired += evaluation.changes.filter(({ change }) => change === 'fired').length;
    notifications.push(...evaluation.notifications);
    const told = engine.firing().filter((alert) => alert.notifications > 0 && alert.inhibitedBy === null);
    const about = new Set(told.flatMap(subjectsOf));
    for (const incident of day.incidents) {
      // Ten minutes into it: what only went on firing from before is over by then.
      const isOn = tS >= incident.startS + 600 && tS <= incident.endS;
      if (isOn && [...incident.subjects].some((id) => about.has(id))) standing.add(incident);
    }
    originalCalls.push(...(original?.look(tS) ?? []));
  }
  return {
    seed: options.seed,
    rampart: score(day.incidents, notifications.map(callOf), standing),
    original: original === null ? null : score(day.incidents, originalCalls),
    resolved: notifications.filter(({ kind }) => kind === 'resolved').length,
    fired,
    evaluateMs: spentMs / looks,
    notifications,
  };
}
