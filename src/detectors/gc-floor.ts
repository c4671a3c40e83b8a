import { known } from './intake.ts';
import { trend, type Trend } from './window/trend.ts';
import { defineDetector, type RunningDetector } from './define.ts';

/**
 * Thresholds of the confirmation (measured on 13 real leaky and fixed pairs: leaking floors grew 1.5 to 14 times, fixed
 * ones .97 to 1.18 times): the last floors stand 30 % and 3 MB above the first.
 */
const MIN_RATIO = 1.3;
const MIN_RISE_BYTES = 3e6;
/** Below this the floors do not move: the heap is cleared. Half-way between fixed (≤ 1.18) and leaking (≥ 1.3). */
const FLAT_RATIO = 1.2;
/**
 * Many floors tell a smaller leak: a trend at z ≥ 3.5 (1 in 4,000 by chance), that keeps at least half its pace from the
 * first half to the second, over floors after the first quarter, of 10 % and 0.5 MB.
 */
const TREND_FLOORS = 12;
const TREND_Z = 3.5;
const TREND_PACE = 0.5;
const TREND_RATIO = 0.1;
const TREND_RISE_BYTES = 0.5e6;
/**
 * Factors on the odds of whom something else suspects, as log. Confirmed: what grows in a healthy suspect is mostly alive,
 * a cache or a conversation. In the simulated families of the fit all 227 leaks that were asked were confirmed, and 29 of 68
 * healthy suspects; by Laplace's rule (228/229) / (30/70) ≈ 2.3, log 0.8. Cleared: none of 13 real leaking programs, all of
 * their 13 fixed twins; (1/15) / (14/15) ≈ 1/14, log −2.6 (docs/leak-detection.md).
 */
export const CONFIRMED_LOG_ODDS = 0.8;
export const CLEARED_LOG_ODDS = -2.6;
/** Floors in the first seconds are the program being loaded. */
const WARM_UP_S = 5;
const KEPT = 32;

const t = Float64Array.from({ length: KEPT }, (_, i) => i);
const fit: Trend = { slope: 0, z: 0, mad: 0, dependence: 1 };

export interface GcFloor extends RunningDetector {
  confirmation(): 'confirmed' | 'cleared' | null;
}

/**
 * GC inefficiency: the live set right after each major collection keeps rising, and each collection frees a smaller part.
 * Floors are kept in a list that halves itself when full, so that it spans the whole life.
 */
export const gcFloor = defineDetector<GcFloor>({
  name: 'gc-inefficiency',
  title: 'what survives major collections keeps growing',
  needs: ['gcFloorBytes'],
  start: () => {
    const floors = new Float64Array(KEPT);
    let n = 0;
    let stride = 1;
    let skipped = 0;
    let collections = 0;
    let efficiencySum = 0;
    let efficiencyCount = 0;
    let highest = 0;

    const mean = (from: number, to: number): number => {
      let m = 0;
      for (let i = from; i < to; i++) m += floors[i]! / (to - from);
      return m;
    };
    /** Mean of the first and of the last floors: one each while there are few, a quarter of them later. */
    const ends = (): { first: number; last: number } => {
      const w = Math.max(1, n >> 2);
      return { first: mean(0, w), last: mean(n - w, n) };
    };
    const keepsRising = (): boolean => {
      if (n < TREND_FLOORS) return false;
      const from = n >> 2;
      const m = n - from;
      trend(t, floors.subarray(from, n), m, fit);
      const rise = fit.slope * (m - 1);
      const third = Math.floor(m / 3);
      const early = mean(from + third, from + 2 * third) - mean(from, from + third);
      const late = mean(n - third, n) - mean(from + third, from + 2 * third);
      return (
        fit.z >= TREND_Z &&
        rise >= TREND_RISE_BYTES &&
        rise >= TREND_RATIO * floors[from]! &&
        late >= TREND_PACE * Math.max(0, early)
      );
    };
    const confirmation = (): 'confirmed' | 'cleared' | null => {
      if (n < 2) return null;
      const { first, last } = ends();
      const ratio = last / Math.max(1, first);
      // Growth that has already ended (a cache that is full) is told by the last third standing still.
      const third = Math.max(1, Math.floor(n / 3));
      const lateRise = n >= 6 ? last - mean(n - 2 * third, n - third) : last - first;
      if (ratio >= MIN_RATIO && last - first >= MIN_RISE_BYTES && lateRise > 0.1 * (last - first)) return 'confirmed';
      if (keepsRising()) return 'confirmed';
      // One pair of floors may hide a slow leak; three that stand still do not move.
      if (n >= 3 && ratio < FLAT_RATIO) return 'cleared';
      return null;
    };
    return {
      push({ tSeconds }, sample) {
        const heap = known(sample.heapUsedBytes);
        if (heap !== null) highest = Math.max(highest, heap);
        const floor = known(sample.gcFloorBytes);
        if (floor === null) return;
        collections++;
        const before = known(sample.gcBeforeBytes) ?? highest;
        if (before > floor) {
          efficiencySum += (before - floor) / before;
          efficiencyCount++;
        }
        highest = 0;
        if (tSeconds < WARM_UP_S) return;
        if (++skipped < stride) return;
        skipped = 0;
        if (n === KEPT) {
          // The lower of two is the better floor.
          for (let i = 0; i < KEPT / 2; i++) floors[i] = Math.min(floors[2 * i]!, floors[2 * i + 1]!);
          n = KEPT / 2;
          stride *= 2;
        }
        floors[n++] = floor;
      },
      confirmation,
      evidence() {
        const { first, last } = n >= 2 ? ends() : { first: 0, last: 0 };
        const ratio = n >= 2 ? last / Math.max(1, first) : null;
        const said = confirmation();
        return {
          name: 'gc-inefficiency',
          // 0 at 1×, 0.5 at the threshold, towards 1 at twice the rise.
          score: ratio === null ? null : Math.max(0, Math.min(1, (0.5 * (ratio - 1)) / (MIN_RATIO - 1))),
          detected: said === 'confirmed',
          evidence: {
            averageEfficiency: efficiencyCount > 0 ? efficiencySum / efficiencyCount : null,
            majorCollections: collections,
            floorRatio: ratio,
            floorRiseBytes: n >= 2 ? last - first : null,
          },
          reason:
            ratio === null
              ? `needs two major collections after ${WARM_UP_S} s, saw ${n}`
              : `the live set after major collections went to ${ratio.toFixed(2)} × of the first`,
        };
      },
      stateBytes: KEPT * 8 + 7 * 8,
    };
  },
});
