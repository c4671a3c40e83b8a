import type { Metric } from '../model/index.ts';

/** Numbers that stand for the metrics in files and blocks: never reuse or change one. */
export const METRIC_CODES = {
  rssBytes: 0,
  anonBytes: 1,
  pssBytes: 2,
  swapBytes: 3,
  cpuMs: 4,
  memoryAvailableBytes: 5,
  swapUsedBytes: 6,
  pressureSomePercent: 7,
  pressureFullPercent: 8,
  processCount: 9,
} as const satisfies Record<Metric, number>;

/**
 * A series is numbered `subject × 32 + metric`: what belongs to one process lies side by side, where the compression of
 * history finds that its resident and its anonymous memory move alike.
 */
const METRIC_SLOTS = 32;

const BY_CODE = new Map<number, Metric>(
  (Object.keys(METRIC_CODES) as Metric[]).map((metric) => [METRIC_CODES[metric], metric]),
);

/** Null: a metric of a newer version; its chunks are passed over. */
export function metricOf(key: number): Metric | null {
  return BY_CODE.get(key % METRIC_SLOTS) ?? null;
}

export function seriesKey(subjectId: number, metric: Metric): number {
  return subjectId * METRIC_SLOTS + METRIC_CODES[metric];
}

export function subjectIdOf(key: number): number {
  return Math.floor(key / METRIC_SLOTS);
}
