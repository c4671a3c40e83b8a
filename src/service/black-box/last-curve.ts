import type { LastPoint, Metric, MetricsAnswer, MetricsQuery, ProcessKey } from '../../model/index.ts';

/** Long enough to tell a slow climb from a jump; the last minutes in detail, because that is where it happened. */
const STRETCHES = [
  { fromMs: 30 * 60_000, untilMs: 2 * 60_000, points: 28 },
  { fromMs: 2 * 60_000, untilMs: 0, points: 40 },
] as const;

export type QueryHistory = (query: MetricsQuery) => Promise<MetricsAnswer>;

/** The last half hour of a process as history has it; zeros of a zombie are no memory. */
export async function lastCurve(query: QueryHistory, key: ProcessKey, toMs: number): Promise<readonly LastPoint[]> {
  const read = async (metric: Metric): Promise<MetricsAnswer['buckets']> => {
    const parts = await Promise.all(
      STRETCHES.map(({ fromMs, untilMs, points }) =>
        query({ subject: key, metric, fromMs: toMs - fromMs, toMs: toMs - untilMs, maxPoints: points }),
      ),
    );
    // A bucket begins at its step, which may be before the first sample.
    return parts.flatMap(({ buckets, heldFromMs }) =>
      buckets.map((bucket) => ({ ...bucket, tMs: Math.max(bucket.tMs, heldFromMs ?? 0) })),
    );
  };
  const [rss, pss, swap] = await Promise.all([read('rssBytes'), read('pssBytes'), read('swapBytes')]);
  // PSS is read far more seldom: it stands beside the point that it was read at or after.
  const at = (buckets: MetricsAnswer['buckets'], fromMs: number, untilMs: number): number | null => {
    const bucket = buckets.findLast(({ tMs }) => tMs >= fromMs && tMs < untilMs);
    return bucket === undefined ? null : Math.round(bucket.mean);
  };
  const points = rss.filter(({ max }) => max > 0);
  return points.map(({ tMs, max }, index) => {
    const untilMs = points[index + 1]?.tMs ?? Number.POSITIVE_INFINITY;
    return { atMs: tMs, rssBytes: max, pssBytes: at(pss, tMs, untilMs), swapBytes: at(swap, tMs, untilMs) };
  });
}
