import type { Clock, Metric, MetricsAnswer, MetricsQuery, Store, SubjectId } from '../model/index.ts';
import type { Samples, SampleVisitor, SeriesOptions } from '../series/index.ts';
import type { Retention } from './retention.ts';

export interface HistoryOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly retention?: Partial<Retention> | undefined;
  /** 0: only when `flush()` is called. A minute by default: what a kill -9 may cost. */
  readonly flushIntervalMs?: number | undefined;
  readonly series?: SeriesOptions | undefined;
}

export interface ScanQuery {
  readonly fromMs: number;
  readonly toMs: number;
  readonly metric?: Metric | undefined;
  readonly subject?: SubjectId | undefined;
  /** Several at once; others are passed over undecoded. */
  readonly subjects?: ReadonlySet<SubjectId> | undefined;
}

/** A subject and the first and last time it was seen in the window. */
export interface SubjectSpan {
  readonly subject: SubjectId;
  readonly metrics: readonly Metric[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly samples: number;
}

export interface HistoryStats {
  /** On disk, all files. */
  readonly bytes: number;
  readonly files: number;
  readonly ramBytes: number;
  /** Times of the oldest and newest sample on disk; null: none yet. */
  readonly oldestMs: number | null;
  readonly newestMs: number | null;
  /** Samples lost because RAM was full while the disk could not be written. */
  readonly droppedSamples: number;
  /** Samples refused by `append`: not finite, an impossible time, too many series. */
  readonly rejectedSamples: number;
  /** Samples in RAM that the disk does not have yet. */
  readonly pendingSamples: number;
  /** Damaged records passed over, and ends cut off by a crash, as far as seen in this run. */
  readonly corruptRecords: number;
  readonly tornTails: number;
  /** Files left alone: of a later version, or none of ours. */
  readonly foreignFiles: readonly { readonly name: string; readonly reason: string }[];
  readonly lastFlushAtMs: number | null;
  /** Why the last flush, rewrite or clean-up failed; null: it did not. History then runs on in RAM. */
  readonly lastFlushError: string | null;
}

export interface History {
  /** O(1), never throws, never waits. Give all samples of one sweep the same time: then their times cost nothing. */
  append(subject: SubjectId, metric: Metric, tMs: number, value: number): void;
  query(query: MetricsQuery): Promise<MetricsAnswer>;
  /** The ring of a series: about the last two minutes, oldest first, without touching the disk. */
  recent(subject: SubjectId, metric: Metric): Samples;
  /**
   * Every sample of a window, one call for each series and stretch; in time order within a call, and the calls of a
   * series are in the order of writing. Holds one file in RAM at a time. The `Samples` are reused: copy what must stay.
   * Single samples only: stretches of which just minutes are left are not in it.
   */
  scan(query: ScanQuery, visitor: SampleVisitor): Promise<void>;
  /** Subjects of the window, the latest first; at most `limit` (1000). Times of old ones are those of their minutes. */
  subjects(query: ScanQuery & { readonly limit?: number }): Promise<readonly SubjectSpan[]>;
  /** Writes what is new. Never rejects: see `stats().lastFlushError`. */
  flush(): Promise<void>;
  stats(): HistoryStats;
  close(): Promise<void>;
}
