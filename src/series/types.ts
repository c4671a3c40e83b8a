import type { Metric, MetricsAnswer, MetricsQuery, SubjectId } from '../model/index.ts';
import type { Block } from './block.ts';
import type { Samples } from './samples.ts';

export interface SeriesOptions {
  /** How far back a ring reaches, ms. Two minutes: what a sparkline and a fast detector look at. */
  readonly recentMs?: number;
  /** Sealed blocks kept in RAM at most (and always the newest), bytes. 4 MiB hold an hour of 1000 busy processes twice over. */
  readonly budgetBytes?: number;
  /** Samples in rings that no block holds yet; more of them seals at once (16 bytes each: 4 MiB). */
  readonly maxUnsealed?: number;
  /** Series with a ring at a time: 10,000 processes with three metrics. One more is refused and counted. */
  readonly maxSeries?: number;
}

/** Numbers for subjects, as used by the blocks of one stretch of time (in history: one log file). */
export interface Names {
  readonly sequence: number;
  /** Subject by number; grows while blocks are sealed. */
  readonly subjects: SubjectId[];
  readonly ids: Map<SubjectId, number>;
}

/** A sealed block in RAM. */
export interface SealedBlock extends Block {
  readonly names: Names;
  /** 0, 1, 2, … within its names. */
  readonly frame: number;
  /** How many subjects had a number when this block was sealed. */
  readonly namesCount: number;
}

export type SampleVisitor = (subject: SubjectId, metric: Metric, samples: Samples) => void;

export interface Series {
  /** O(1). False: refused (not finite, a time before 1970 or past the year 10,000, or too many series); counted. */
  append(subject: SubjectId, metric: Metric, tMs: number, value: number): boolean;
  /** The ring of a series, oldest first: about the last `recentMs`. Empty when it has none. */
  recent(subject: SubjectId, metric: Metric): Samples;
  /** From RAM alone. */
  query(query: MetricsQuery): MetricsAnswer;
  /** All samples in RAM (sealed and not), one call for each series and block. The `Samples` are reused: copy. */
  visit(visitor: SampleVisitor, only?: { subject?: SubjectId | undefined; metric?: Metric | undefined }): void;
  /** Encodes what no block holds yet into one block; null when there is nothing new. */
  seal(): SealedBlock | null;
  /** Blocks in RAM, oldest first. The array is never changed, only replaced. */
  blocks(): readonly SealedBlock[];
  /** What `seal` would give, without sealing: a still picture of the unsealed samples. */
  peek(): SealedBlock | null;
  /** The `count` oldest blocks are safe elsewhere: they may be dropped without a loss. */
  markStored(count: number): void;
  stored(): number;
  /** Seals, then numbers subjects anew. The former names live as long as their blocks. */
  rotate(): Names;
  names(): Names;
  /** Forgets blocks of these names and older: they are elsewhere, in another form. */
  release(sequence: number): void;
  stats(): SeriesStats;
}

export interface SeriesStats {
  readonly series: number;
  readonly unsealed: number;
  readonly ringBytes: number;
  readonly blockBytes: number;
  /** Dropped from RAM before they were stored anywhere. */
  readonly droppedSamples: number;
  readonly rejectedSamples: number;
}
