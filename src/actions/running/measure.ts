import type { Measurement, OutcomeResult } from '../../model/index.ts';
import type { Action } from '../define.ts';
import type { Point } from '../target.ts';

/** Did it help? Figures before, after, and what would have happened anyway. Pure. */

/** How a figure moved before the action: slope, its standard error, and the scatter around it. */
export interface Trend {
  readonly bytesPerMs: number;
  readonly slopeError: number;
  readonly noiseBytes: number;
}

/** Fewer points than these say nothing about scatter. */
const LEAST_POINTS = 6;

/** Ordinary least squares; null: too few points. Processes are independent: sums of slopes, squares of errors. */
export function trendOf(points: readonly Point[]): Trend | null {
  const n = points.length;
  const first = points[0];
  if (n < LEAST_POINTS || first === undefined) return null;
  const xs = points.map(({ tMs }) => tMs - first.tMs);
  const [meanX, meanY] = [mean(xs), mean(points.map(({ bytes }) => bytes))];
  let [sxx, sxy] = [0, 0];
  for (const [i, { bytes }] of points.entries()) {
    const dx = (xs[i] ?? 0) - meanX;
    sxx += dx * dx;
    sxy += dx * (bytes - meanY);
  }
  if (sxx === 0) return null;
  const bytesPerMs = sxy / sxx;
  const residual = points.reduce(
    (sum, { bytes }, i) => sum + (bytes - meanY - bytesPerMs * ((xs[i] ?? 0) - meanX)) ** 2,
    0,
  );
  const noiseBytes = Math.sqrt(residual / (n - 2));
  return { bytesPerMs, slopeError: noiseBytes / Math.sqrt(sxx), noiseBytes };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Together: null where not one of them has a trend. */
export function sumTrends(trends: readonly (Trend | null)[]): Trend | null {
  const known = trends.filter((trend) => trend !== null);
  if (known.length === 0) return null;
  const root = (pick: (trend: Trend) => number): number =>
    Math.sqrt(known.reduce((sum, each) => sum + pick(each) ** 2, 0));
  return {
    bytesPerMs: known.reduce((sum, { bytesPerMs }) => sum + bytesPerMs, 0),
    slopeError: root(({ slopeError }) => slopeError),
    noiseBytes: root(({ noiseBytes }) => noiseBytes),
  };
}

export const totalBytes = ({ pssBytes, swapBytes, rssBytes }: Measurement): number =>
  pssBytes === null ? rssBytes : pssBytes + (swapBytes ?? 0);

export interface Effect {
  readonly reclaimedBytes: number;
  /** What would have been reclaimed without the action: negative where it grew. */
  readonly counterfactualBytes: number | null;
  readonly errorBytes: number | null;
}

export function effectOf(before: Measurement, after: Measurement, trend: Trend | null): Effect {
  const comparable = before.pssBytes !== null && after.pssBytes !== null;
  const reclaimedBytes = comparable ? totalBytes(before) - totalBytes(after) : before.rssBytes - after.rssBytes;
  if (trend === null) return { reclaimedBytes, counterfactualBytes: null, errorBytes: null };
  const elapsedMs = after.atMs - before.atMs;
  return {
    reclaimedBytes,
    counterfactualBytes: -trend.bytesPerMs * elapsedMs,
    // Two readings with scatter, and a slope that is not known exactly.
    errorBytes: Math.sqrt(2 * trend.noiseBytes ** 2 + (trend.slopeError * elapsedMs) ** 2),
  };
}

/** Below a megabyte, or a hundredth of what was there, nobody is helped, however exact the figure. */
const LEAST_EFFECT_BYTES = 1024 * 1024;
const LEAST_EFFECT_SHARE = 0.01;
/** About 95 % of chance effects lie within two standard errors. */
const ERRORS = 2;

export interface Judged {
  readonly action: Pick<Action, 'aim' | 'ends'>;
  /** Targets that it was done to, and those that vanished although they were not to. */
  readonly done: number;
  readonly lost: number;
  readonly before: Measurement | null;
  readonly effect: Effect | null;
}

/** 'helped' only where the figures say so. */
export function judge({ action, done, lost, before, effect }: Judged): OutcomeResult {
  if (done === 0) return 'failed';
  if (lost > 0) return 'harmful';
  if (effect === null || before === null) return 'unclear';
  const net = effect.reclaimedBytes - (effect.counterfactualBytes ?? 0);
  const least = Math.max(LEAST_EFFECT_BYTES, totalBytes(before) * LEAST_EFFECT_SHARE);
  const beyond = Math.max(least, ERRORS * (effect.errorBytes ?? 0));
  // What has ended uses nothing: there the figure needs no trend to be believed.
  const isKnown = effect.errorBytes !== null || action.ends;
  if (action.aim !== 'memory') return net < -beyond && isKnown ? 'harmful' : 'unclear';
  if (Math.abs(net) <= least) return 'no-effect';
  if (!isKnown) return 'unclear';
  if (net > beyond) return 'helped';
  return net < -beyond ? 'harmful' : 'no-effect';
}
