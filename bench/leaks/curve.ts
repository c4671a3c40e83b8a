import { THRESHOLDS } from './watchers.ts';
import { SAME_ALARM_S, summarise, type Figures, type TraceResult } from './measure.ts';

export interface OperatingPoint {
  readonly threshold: number;
  /** Whether this is the threshold that the product alarms at. */
  readonly isProduct: boolean;
  readonly figures: Figures;
  /** Share of all leaking traces that were alarmed within so many hours of the onset. */
  readonly foundIn4h: number;
  readonly foundIn8h: number;
}

/** The same traces under another alarm threshold, from the recorded course of the log-odds; hysteresis as in the detector. */
function underThreshold(result: TraceResult, threshold: number): TraceResult {
  let on = false;
  let falseAlarms = 0;
  let lastFalse = Number.NEGATIVE_INFINITY;
  let hit: number | null = null;
  for (const [tS, odds] of result.course) {
    const now: boolean = odds >= (on ? Math.min(threshold, THRESHOLDS.suspected) : threshold);
    const leaks = result.leaky && tS >= result.onsetS;
    if (now && !on && !leaks && tS - lastFalse >= SAME_ALARM_S) {
      falseAlarms++;
      lastFalse = tS;
    }
    if (now && leaks && hit === null) hit = tS;
    on = now;
  }
  return { ...result, falseAlarms, delayH: hit === null ? null : (hit - result.onsetS) / 3600 };
}

/** From suspicion to certainty. */
export const CURVE_THRESHOLDS = [-1.5, -1, -0.5, 0, 0.25, THRESHOLDS.leaking, 0.75, 1, 1.5, 2];

/** Delay against false alarms: what a higher or lower threshold than the product's would give. */
export function operatingCurve(results: readonly TraceResult[], thresholds: readonly number[]): OperatingPoint[] {
  return thresholds.map((threshold) => {
    const moved = results.map((r) => underThreshold(r, threshold));
    const leaking = moved.filter((r) => r.leaky);
    const within = (hours: number): number =>
      leaking.filter((r) => r.delayH !== null && r.delayH <= hours).length / Math.max(1, leaking.length);
    return {
      threshold,
      isProduct: threshold === THRESHOLDS.leaking,
      figures: summarise(moved),
      foundIn4h: within(4),
      foundIn8h: within(8),
    };
  });
}
