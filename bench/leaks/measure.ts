import type { Trace } from './families/simulate.ts';
import type { Contestant, Watcher } from './watchers.ts';

const MB = 1048576;
/** Rising edges closer than this are one false alarm: nobody is woken twice in one night by the same thing. */
export const SAME_ALARM_S = 6 * 3600;
/** Scores are noted so often, for calibration. */
const SCORE_EVERY_S = 4 * 3600;

export interface TraceResult {
  readonly family: string;
  readonly leaky: boolean;
  readonly falseAlarms: number;
  /** Days in which an alarm would be false. */
  readonly healthyDays: number;
  /** From onset to the first alarm; null: missed or healthy. */
  readonly delayH: number | null;
  readonly samples: number;
  readonly microseconds: number;
  /** [score, whether it leaks at that time]. */
  readonly scores: readonly (readonly [number, boolean])[];
  readonly onsetS: number;
  /** [seconds, log-odds] whenever they changed. */
  readonly course: readonly (readonly [number, number])[];
}

/** Runs one detector over one trace. */
export function runTrace(trace: Trace, watcher: Watcher, withLoad: boolean): TraceResult {
  let on = false;
  let falseAlarms = 0;
  let lastFalse = Number.NEGATIVE_INFINITY;
  let hit: number | null = null;
  let nextScore = SCORE_EVERY_S;
  const scores: [number, boolean][] = [];
  const course: [number, number][] = [];
  let scoreMs = 0;
  const started = performance.now();
  for (let i = 0; i < trace.tS.length; i++) {
    const tS = trace.tS[i]!;
    const swap = trace.swapMb === null ? null : trace.swapMb[i]! * MB;
    watcher.push({ tS, rssBytes: trace.rssMb[i]! * MB, swapBytes: swap, load: withLoad ? trace.load[i]! : null });
    const now = watcher.alarming();
    const leaks = trace.leaky && tS >= trace.onsetS;
    if (now && !on && !leaks && tS - lastFalse >= SAME_ALARM_S) {
      falseAlarms++;
      lastFalse = tS;
    }
    if (now && leaks && hit === null) hit = tS;
    on = now;
    if (watcher.logOdds !== undefined) {
      const odds = watcher.logOdds();
      if (odds !== course[course.length - 1]?.[1]) course.push([tS, odds]);
    }
    if (watcher.score !== undefined && tS >= nextScore) {
      const before = performance.now();
      scores.push([watcher.score(), leaks]);
      nextScore += SCORE_EVERY_S;
      scoreMs += performance.now() - before;
    }
  }
  return {
    family: trace.family,
    leaky: trace.leaky,
    falseAlarms,
    healthyDays: (trace.leaky ? trace.onsetS : trace.hours * 3600) / 86400,
    delayH: hit === null ? null : (hit - trace.onsetS) / 3600,
    samples: trace.tS.length,
    microseconds: (performance.now() - started - scoreMs) * 1000,
    scores,
    onsetS: trace.onsetS,
    course,
  };
}

export interface Figures {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly medianDelayH: number;
  readonly falseAlarmsPerDay: number;
  readonly microsecondsPerSample: number;
}

/** A trace with any false alarm counts as a false positive; a leaky one without an alarm after its onset as a miss. */
export function summarise(results: readonly TraceResult[]): Figures {
  const hits = results.filter((r) => r.leaky && r.delayH !== null);
  const leaky = results.filter((r) => r.leaky).length;
  const falsePositives = results.filter((r) => r.falseAlarms > 0).length;
  const precision = hits.length / Math.max(1, hits.length + falsePositives);
  const recall = hits.length / Math.max(1, leaky);
  const sum = (pick: (r: TraceResult) => number): number => results.reduce((total, r) => total + pick(r), 0);
  return {
    precision,
    recall,
    f1: (2 * precision * recall) / Math.max(1e-9, precision + recall),
    medianDelayH: median(hits.map((r) => r.delayH!)),
    falseAlarmsPerDay:
      sum((r) => r.falseAlarms) /
      Math.max(
        1e-9,
        sum((r) => r.healthyDays),
      ),
    microsecondsPerSample:
      sum((r) => r.microseconds) /
      Math.max(
        1,
        sum((r) => r.samples),
      ),
  };
}

export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}

export function runSet(contestant: Contestant, population: Iterable<Trace>, withLoad: boolean): TraceResult[] {
  const results: TraceResult[] = [];
  for (const trace of population) results.push(runTrace(trace, contestant.start(trace), withLoad));
  return results;
}

export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly meanScore: number;
  readonly leaking: number;
}

/**
 * Reliability in ten bins and the expected calibration error, |score − share| weighted by count. `leakingShare`: weight of
 * the leaking ones among all, half unless the scores were moved to another base rate.
 */
export function reliability(
  scores: readonly (readonly [number, boolean])[],
  leakingShare = 0.5,
): {
  bins: CalibrationBin[];
  error: number;
} {
  const leaking = scores.filter(([, leaks]) => leaks).length;
  const weight = (leaks: boolean): number =>
    leaks ? leakingShare / Math.max(1, leaking) : (1 - leakingShare) / Math.max(1, scores.length - leaking);
  const bins: CalibrationBin[] = [];
  let error = 0;
  for (let b = 0; b < 10; b++) {
    const inside = scores.filter(([s]) => s >= b / 10 && (s < (b + 1) / 10 || (b === 9 && s <= 1)));
    let total = 0;
    let score = 0;
    let leaks = 0;
    for (const [s, l] of inside) {
      total += weight(l);
      score += weight(l) * s;
      if (l) leaks += weight(l);
    }
    if (total === 0) continue;
    bins.push({
      from: b / 10,
      to: (b + 1) / 10,
      count: inside.length,
      meanScore: score / total,
      leaking: leaks / total,
    });
    error += Math.abs(score - leaks);
  }
  return { bins, error };
}
