import type { Metric, MetricsQuery, SubjectId } from '../model/index.ts';
import {
  decodeRollup,
  type Downsampler,
  metricOf,
  type SampleVisitor,
  subjectIdOf,
  visitBlock,
} from '../series/index.ts';
import type { HistoryFile } from './files.ts';
import type { Segment } from './segment.ts';

/** One file as a reader needs it: `frames` limits a log to its first records (the rest is in RAM). */
export interface FilePart {
  readonly file: HistoryFile;
  readonly frames: number;
}

/** Raw samples of a file, series by series. Damaged blocks are passed over; returns how many. */
export function visitSegment(
  segment: Segment,
  frames: number,
  visitor: SampleVisitor,
  only: { subject?: SubjectId | undefined; metric?: Metric | undefined },
): number {
  let corrupt = 0;
  for (const { frame, reader } of segment.blocks) {
    if (frame >= frames) continue;
    try {
      visitBlock(reader, segment.names, visitor, only);
    } catch {
      corrupt += 1;
    }
  }
  return corrupt;
}

/** A file's share of a query, from samples or, in a min table, from summaries. */
export function addSegment(part: FilePart, segment: Segment, query: MetricsQuery, into: Downsampler): number {
  if (part.file.kind !== 'min') {
    return visitSegment(segment, part.frames, (_subject, _metric, samples) => into.addAll(samples), query);
  }
  const wanted = segment.names.indexOf(query.subject);
  let corrupt = 0;
  for (const { reader } of segment.blocks) {
    try {
      reader.entries((key, from, to) => {
        if (subjectIdOf(key) !== wanted || metricOf(key) !== query.metric) return;
        decodeRollup(reader.chunk(from, to), reader.axis, ({ tMs, min, max, sum, count }) =>
          into.add(tMs, min, max, sum, count),
        );
      });
    } catch {
      corrupt += 1;
    }
  }
  return corrupt;
}
