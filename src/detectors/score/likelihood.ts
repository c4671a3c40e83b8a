/**
 * From what a window shows to the log-odds that it is a leak: a logistic model with few terms, each with the sign that
 * reason gives it (fitted with that constraint on the development families by bench/leaks/fit.ts).
 *
 * Short windows (under 5 h) rest on shape: growth must be novel, even, unbroken. Long ones (over 18 h) rest on the test of
 * the trend, because noise blurs shape and because few healthy programs grow that long; between, the two blend.
 */
import type { WindowStats } from '../window/statistics.ts';
import { WEIGHTS } from './weights.ts';

/** Names of the terms, in the order of WEIGHTS. */
export const TERMS = [
  'intercept',
  'long',
  'duration',
  'trendLong',
  'noveltyShort',
  'weakestShort',
  'weakestLong',
  'slowingShort',
  'slowingLong',
  'beyondLogShort',
  'beyondLogLong',
  'risesShort',
  'smallRiseLong',
  'wanderShort',
  'loadExplains',
  'recordsLong',
] as const;

const clamp = (v: number, low: number, high: number): number => (v < low ? low : v > high ? high : v);

/**
 * Terms of one window into `out`. `unitMs` is the block width of the finest level: durations count in twelves of it, that
 * is in hours for the service's 5-minute blocks, and in 12 s for a program run watched with 1-s blocks. `recordLogE`:
 * the process's record e-value (record-bets.ts).
 */
export function termsOf(s: WindowStats, unitMs: number, recordLogE: number, out: Float64Array): void {
  const octaves = Math.log2((s.spanS * 1000) / (12 * unitMs));
  // 0 below 4.6 units, 1 above 18.
  const long = clamp((octaves - 2.2) / 2, 0, 1);
  const short = 1 - long;
  out[0] = 1;
  out[1] = long;
  // Beyond 3 units duration adds nothing by itself: what still grows then is told by shape and trend.
  out[2] = clamp(octaves, -1, 1.6);
  out[3] = long * Math.log2(1 + clamp(s.tDeflated, 0, 30));
  out[4] = short * clamp(s.novelty, -0.5, 0.4);
  out[5] = short * clamp(s.weakest, 0, 0.6);
  out[6] = long * clamp(s.weakest, 0, 0.6);
  // Within one standard error slowing is no news.
  out[7] = short * clamp(s.acceleration + 1, -4, 0);
  out[8] = long * clamp(s.acceleration + 1, -4, 0);
  out[9] = short * clamp(s.beyondLogarithmic, -2, 4);
  out[10] = long * clamp(s.beyondLogarithmic, -2, 4);
  out[11] = short * Math.log2(clamp(s.rises, 1, 7));
  // A rise below an eighth of the level is within what programs do without leaking.
  out[12] = long * clamp(Math.log2(Math.max(s.relativeRise, 1e-6)) + 3, -4, 0);
  out[13] = -short * clamp(s.wander, 0, 3);
  out[14] = -clamp(s.loadShare, 0, 1);
  // Capped at e^15: beyond that nothing is more certain.
  out[15] = long * clamp(Math.max(recordLogE, Number.isNaN(s.recordLogE) ? recordLogE : s.recordLogE) / 5, 0, 3);
}

/**
 * Credit of long windows. The fit weighs looks, and short scales look far more often, so its weights leave long ones
 * almost without false alarms; this spends the budget evenly over scales (as alpha spending does over looks). Without
 * a load signal it finds 3 leaks in 100 more, for one false alarm more on 288 healthy traces.
 */
const LONG_CREDIT = 1;

/** `loadKnown`: without a load signal growth may be nothing but a busier day, so other weights hold. */
export function logOdds(terms: Float64Array, loadKnown: boolean): number {
  const weights = loadKnown ? WEIGHTS.load : WEIGHTS.blind;
  let sum = LONG_CREDIT * terms[1]!;
  for (let i = 0; i < weights.length; i++) sum += weights[i]! * terms[i]!;
  return sum;
}
