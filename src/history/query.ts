import { type Metric, type MetricsQuery, RampartError, type SubjectId } from '../model/index.ts';
import {
  type BlockReader,
  decodeRollup,
  type Downsampler,
  metricOf,
  type SampleVisitor,
  subjectIdOf,
  type Summary,
  visitBlock,
} from '../series/index.ts';
import type { HistoryFile } from './files.ts';
import type { Segment } from './segment.ts';

/** One file as a reader needs it: `frames` limits a log to its first records (the rest is in RAM). */
export interface FilePart {
  readonly file: HistoryFile;
  readonly frames: number;
}

export interface Selection {
  readonly subject?: SubjectId | undefined;
  readonly subjects?: ReadonlySet<SubjectId> | undefined;
  readonly metric?: Metric | undefined;
}

/** Raw samples of a file, series by series. Damaged blocks are passed over; returns how many. */
export function visitSegment(
  segment: Segment,
  frames: number,
  window: Window,
  visitor: SampleVisitor,
  only: Selection,
): number {
  return eachBlock(segment, frames, window, only.subject, (block) => visitBlock(block, segment.names, visitor, only));
}

/** A file's share of a query, from samples or, in a min table, from summaries. */
export function addSegment(
  part: FilePart,
  segment: Segment,
  query: MetricsQuery,
  window: Window,
  into: Downsampler,
): number {
  if (part.file.kind !== 'min') {
    return visitSegment(segment, part.frames, window, (_subject, _metric, samples) => into.addAll(samples), query);
  }
  const add = (_subject: SubjectId, _metric: Metric, { tMs, min, max, sum, count }: Summary): void =>
    into.add(tMs, min, max, sum, count);
  return visitRollups(segment, window, add, query);
}

/** Minutes of a min table, one by one. */
export function visitRollups(
  segment: Segment,
  window: Window,
  visitor: (subject: SubjectId, metric: Metric, summary: Summary) => void,
  only: Selection,
): number {
  return eachBlock(segment, Infinity, window, only.subject, (block) => {
    block.entries((key, from, to) => {
      const [subject, metric] = [segment.names[subjectIdOf(key)], metricOf(key)];
      if (subject === undefined || metric === null) return;
      if ((only.subject ?? subject) !== subject || (only.metric ?? metric) !== metric) return;
      decodeRollup(block.chunk(from, to), block.axis, (summary) => visitor(subject, metric, summary));
    });
  });
}

/** Both ends belong to it. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

export function meets(stretch: Window, window: Window): boolean {
  return stretch.toMs >= window.fromMs && stretch.fromMs <= window.toMs;
}

function eachBlock(
  segment: Segment,
  frames: number,
  window: Window,
  subject: SubjectId | undefined,
  visit: (block: BlockReader) => void,
): number {
  const id = subject === undefined ? -1 : segment.names.indexOf(subject);
  if (subject !== undefined && id < 0) return 0;
  let corrupt = 0;
  for (const block of segment.blocks) {
    if (block.frame >= frames || !meets(block, window) || (id >= 0 && !block.mayHold(id))) continue;
    try {
      visit(block.open());
    } catch (error) {
      if (!(error instanceof RampartError) || error.code !== 'corrupt') throw error;
      corrupt += 1;
    }
  }
  return corrupt;
}
