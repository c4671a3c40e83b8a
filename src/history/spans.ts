import type { Metric, SubjectId } from '../model/index.ts';
import type { SampleVisitor, Summary } from '../series/index.ts';
import type { SubjectSpan } from './types.ts';

export type SummaryVisitor = (subject: SubjectId, metric: Metric, summary: Summary) => void;

/** Subjects followed while they are gathered: 5 MB at most. Later ones, which are older, are left out. */
const MAX_FOLLOWED = 20_000;

interface Span {
  readonly metrics: Set<Metric>;
  fromMs: number;
  toMs: number;
  samples: number;
}

/** Gathers when each subject was seen, and what of it. */
export class Spans {
  readonly #spans = new Map<SubjectId, Span>();

  readonly addSamples: SampleVisitor = (subject, metric, samples) => {
    const first = samples.times[0] as number;
    this.#add(subject, metric, first, samples.times[samples.count - 1] as number, samples.count);
  };

  readonly addSummary: SummaryVisitor = (subject, metric, { tMs, count }) => {
    this.#add(subject, metric, tMs, tMs, count);
  };

  /** The latest first. */
  list(limit: number): SubjectSpan[] {
    return [...this.#spans]
      .map(([subject, span]) => ({ subject, ...span, metrics: [...span.metrics] }))
      .toSorted((a, b) => b.toMs - a.toMs)
      .slice(0, limit);
  }

  #add(subject: SubjectId, metric: Metric, fromMs: number, toMs: number, samples: number): void {
    let span = this.#spans.get(subject);
    if (span === undefined) {
      if (this.#spans.size >= MAX_FOLLOWED) return;
      span = { metrics: new Set(), fromMs, toMs, samples: 0 };
      this.#spans.set(subject, span);
    }
    span.metrics.add(metric);
    span.fromMs = Math.min(span.fromMs, fromMs);
    span.toMs = Math.max(span.toMs, toMs);
    span.samples += samples;
  }
}
