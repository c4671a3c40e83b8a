import type { OutcomeResult } from '../../model/index.ts';

/** One look at our own resident memory. */
export interface OwnPoint {
  readonly atMs: number;
  readonly rssBytes: number;
}

export interface OwnEffect {
  readonly counterfactualBytes: number | null;
  readonly errorBytes: number | null;
  readonly result: OutcomeResult;
}

/** Fewer say nothing of a trend. */
const MIN_POINTS = 5;
/** Two sides, 90 %: what is further out is no chance. */
const BEYOND = 1.645;
/** Less is a page here and there. */
const LEAST_BYTES = 1024 * 1024;

/**
 * What would have been reclaimed without the action, by the straight line through the looks before it, and how sure that
 * is: the scatter about the line.
 */
export function ownEffect(before: readonly OwnPoint[], reclaimedBytes: number, tookMs: number): OwnEffect {
  if (before.length < MIN_POINTS) return { counterfactualBytes: null, errorBytes: null, result: 'unclear' };
  const n = before.length;
  const meanMs = before.reduce((sum, { atMs }) => sum + atMs, 0) / n;
  const mean = before.reduce((sum, { rssBytes }) => sum + rssBytes, 0) / n;
  let [xy, xx] = [0, 0];
  for (const { atMs, rssBytes } of before) {
    xy += (atMs - meanMs) * (rssBytes - mean);
    xx += (atMs - meanMs) ** 2;
  }
  const slope = xx > 0 ? xy / xx : 0;
  const squares = before.reduce((sum, { atMs, rssBytes }) => sum + (rssBytes - mean - slope * (atMs - meanMs)) ** 2, 0);
  const errorBytes = Math.sqrt(squares / Math.max(1, n - 2));
  const counterfactualBytes = -slope * tookMs;
  const effect = reclaimedBytes - counterfactualBytes;
  const noise = Math.max(LEAST_BYTES, BEYOND * errorBytes);
  return {
    counterfactualBytes,
    errorBytes,
    result: effect > noise ? 'helped' : effect < -noise ? 'harmful' : 'no-effect',
  };
}
