import { createLeakDetector } from '../../src/detectors/index.ts';
import { createConformal, forecast } from '../../src/limits/forecast.ts';
import type { Trace } from './families/simulate.ts';
import { median } from './measure.ts';

const MB = 1048576;
const HOUR_MS = 3_600_000;

export interface ForecastFigures {
  readonly count: number;
  /** Share of 80 % intervals that held the true time. */
  readonly coverage: number;
  /** Median of |forecast − truth| / truth, times counted from the forecast. */
  readonly medianError: number;
  /** Median of latest / earliest. */
  readonly medianRatio: number;
}

/**
 * Every 2 h from the alarm on: forecast the time of a level as far above as a third of the rise so far, and of one as far as
 * the whole rise; the truth is when the half-hour mean first gets there. Levels that the trace does not reach are left out.
 */
export function measureForecasts(population: Iterable<Trace>): ForecastFigures {
  const errors: number[] = [];
  const ratios: number[] = [];
  let held = 0;
  for (const trace of population) {
    if (!trace.leaky) continue;
    const reached = smoothed(trace);
    const detector = createLeakDetector();
    const conformal = createConformal();
    const pending: { dueMs: number; inside: boolean }[] = [];
    let next = 0;
    for (let i = 0; i < trace.tS.length; i++) {
      const tMs = trace.tS[i]! * 1000;
      const swap = trace.swapMb === null ? null : trace.swapMb[i]! * MB;
      detector.push({ tMs, rssBytes: trace.rssMb[i]! * MB, swapBytes: swap, cpuRatio: trace.load[i]! });
      while (pending.length > 0 && pending[0]!.dueMs <= tMs) conformal.observe(pending.shift()!.inside);
      if (tMs < next || detector.state() !== 'leaking' || tMs < trace.onsetS * 1000) continue;
      next = tMs + 2 * HOUR_MS;
      const { growth } = detector.verdict();
      if (growth === null) continue;
      const rise = (growth.ratePerHourBytes * (growth.atMs - growth.sinceMs)) / HOUR_MS;
      for (const share of [1 / 3, 1]) {
        const limit = growth.levelBytes + share * rise;
        const truth = reached(limit / MB, trace.tS[i]!);
        const answer = forecast(growth, limit, conformal.widen).forecast;
        if (truth === null || answer === null) continue;
        const inside = truth >= answer.earliestMs && truth <= answer.latestMs;
        if (inside) held++;
        errors.push(Math.abs(answer.atMs - truth) / Math.max(1, truth - tMs));
        ratios.push((answer.latestMs - tMs) / Math.max(1, answer.earliestMs - tMs));
        pending.push({ dueMs: truth, inside });
        pending.sort((a, b) => a.dueMs - b.dueMs);
      }
    }
  }
  return {
    count: errors.length,
    coverage: held / Math.max(1, errors.length),
    medianError: median(errors),
    medianRatio: median(ratios),
  };
}

/** When the running half-hour mean first reaches a level after a time; null when never. */
function smoothed(trace: Trace): (levelMb: number, afterS: number) => number | null {
  const t: number[] = [];
  const x: number[] = [];
  let sum = 0;
  let count = 0;
  let index = 0;
  for (let i = 0; i < trace.tS.length; i++) {
    const now = Math.floor(trace.tS[i]! / 1800);
    if (now !== index && count > 0) {
      t.push((index + 0.5) * 1800);
      x.push(sum / count);
      sum = count = 0;
    }
    index = now;
    sum += trace.rssMb[i]! + (trace.swapMb?.[i] ?? 0);
    count++;
  }
  return (levelMb, afterS) => {
    for (let i = 1; i < t.length; i++) {
      if (t[i]! <= afterS || x[i]! < levelMb) continue;
      const from = Math.max(afterS, t[i - 1]!);
      const share = x[i]! > x[i - 1]! ? (levelMb - x[i - 1]!) / (x[i]! - x[i - 1]!) : 1;
      return Math.max(from, t[i - 1]! + Math.min(1, Math.max(0, share)) * (t[i]! - t[i - 1]!)) * 1000;
    }
    return null;
  };
}
