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
 * A series is numbered `metric × 2^24 + subject`: metric by metric, so that the directory of a block, in which most
 * numbers follow the one before, takes a byte a series.
 */
const SUBJECT_SLOTS = 2 ** 24;

const BY_CODE = new Map<number, Metric>(
  (Object.keys(METRIC_CODES) as Metric[]).map((metric) => [METRIC_CODES[metric], metric]),
);

/** Null: a metric of a newer version; its chunks are passed over. */
export function metricOf(key: number): Metric | null {
  return BY_CODE.get(Math.floor(key / SUBJECT_SLOTS)) ?? null;
}

export function seriesKey(subjectId: number, metric: Metric): number {
  return METRIC_CODES[metric] * SUBJECT_SLOTS + subjectId;
}

export function subjectIdOf(key: number): number {
  return key % SUBJECT_SLOTS;
}
