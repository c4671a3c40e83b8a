/** What is kept over time, by subject. Unit by name: …Bytes, …Ms, …Percent. */
export const METRICS = [
  'rssBytes',
  'anonBytes',
  'pssBytes',
  'swapBytes',
  'cpuMs',
  'memoryAvailableBytes',
  'swapUsedBytes',
  'pressureSomePercent',
  'pressureFullPercent',
  'processCount',
] as const;
export type Metric = (typeof METRICS)[number];

/** 'host', 'rampart', a process key `pid:startTime`, or `session:ID`. */
export type SubjectId = string;

/** One step of a down-sampled answer. */
export interface Bucket {
  /** Start of the step. */
  readonly tMs: number;
  readonly min: number;
  readonly mean: number;
  readonly max: number;
  /** Samples inside; a step without any is left out, never filled. */
  readonly count: number;
}

export interface MetricsQuery {
  readonly subject: SubjectId;
  readonly metric: Metric;
  readonly fromMs: number;
  readonly toMs: number;
  /** At most this many buckets come back; 1 … 2000. */
  readonly maxPoints: number;
}

export interface MetricsAnswer {
  readonly subject: SubjectId;
  readonly metric: Metric;
  readonly stepMs: number;
  readonly buckets: readonly Bucket[];
  /** First and last sample that history holds for this subject and metric; null when none. */
  readonly heldFromMs: number | null;
  readonly heldToMs: number | null;
}
