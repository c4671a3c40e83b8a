import type { MetricsAnswer } from '../../../model/index.ts';
import { plot } from './chart.ts';
import type { Glyphs } from './glyphs.ts';
import { type Line, line, span } from './line.ts';
import { shown } from './safe.ts';
import { bytes, change, count, duration, percent } from './units.ts';

/** Rows of the curve: enough to see a slope, few enough to leave the prompt on the screen. */
const ROWS = 8;
const LABEL = 11;

export interface HistoryView {
  readonly answer: MetricsAnswer;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A curve of means over the asked time; what no sample covers stays empty. */
export function historyLines(
  { answer, fromMs, toMs }: HistoryView,
  options: { width: number; glyphs: Glyphs },
): Line[] {
  const { glyphs } = options;
  const title = line(span(`${shown(answer.subject)} ${answer.metric}`, 'strong'), `  ${duration(toMs - fromMs)}`);
  const first = answer.buckets[0];
  const last = answer.buckets.at(-1);
  if (first === undefined || last === undefined) return [title, line(nothingHeld(answer))];
  const show = formatter(answer.metric);
  const values = columns(answer, fromMs, toMs, Math.max(10, options.width - LABEL - 2));
  const known = values.filter((value) => value !== null);
  const low = Math.min(...answer.buckets.map(({ min }) => min));
  const high = Math.max(...answer.buckets.map(({ max }) => max));
  const drawn = plot(values, ROWS, glyphs);
  const label = (row: number): string => {
    if (row === 0) return show(Math.max(...known));
    return row === ROWS - 1 ? show(Math.min(...known)) : '';
  };
  const samples = answer.buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  const difference = answer.metric.endsWith('Bytes') ? change(last.mean - first.mean) : show(last.mean - first.mean);
  return [
    title,
    ...drawn.map((text, row) => line(span(label(row).padStart(LABEL), 'dim'), '  ', span(text.trimEnd(), 'accent'))),
    line(
      span(' '.repeat(LABEL + 2), 'dim'),
      `lowest ${show(low)} ${glyphs.dot} highest ${show(high)} ${glyphs.dot} now ${show(last.mean)} ${glyphs.dot} change ${difference}`,
    ),
    line(span(`${' '.repeat(LABEL + 2)}${count(samples, 'sample')} in steps of ${duration(answer.stepMs)}`, 'dim')),
  ];
}

/** A value stands until the next sample; a pause of more than this many usual ones is a gap (nobody looked). */
const GAP_FACTOR = 3;

/** Means spread over the width: each column shows the samples inside it, or else the last one before it. */
function columns(answer: MetricsAnswer, fromMs: number, toMs: number, width: number): (number | null)[] {
  const perColumn = Math.max(1, (toMs - fromMs) / width);
  const carryMs = GAP_FACTOR * Math.max(usualPauseMs(answer), answer.stepMs);
  return Array.from({ length: width }, (_, column) => {
    const start = fromMs + column * perColumn;
    const inside = answer.buckets.filter(({ tMs }) => tMs >= start && tMs < start + perColumn);
    const samples = inside.reduce((sum, bucket) => sum + bucket.count, 0);
    if (samples > 0) return inside.reduce((sum, bucket) => sum + bucket.mean * bucket.count, 0) / samples;
    const before = answer.buckets.findLast(({ tMs }) => tMs < start);
    return before !== undefined && start - before.tMs <= carryMs ? before.mean : null;
  });
}

/** The median time from one bucket to the next. */
function usualPauseMs({ buckets }: MetricsAnswer): number {
  const pauses = buckets.slice(1).map(({ tMs }, index) => tMs - (buckets[index]?.tMs ?? tMs));
  return pauses.toSorted((a, b) => a - b)[Math.floor(pauses.length / 2)] ?? 0;
}

function formatter(metric: string): (value: number) => string {
  if (metric.endsWith('Bytes')) return bytes;
  if (metric.endsWith('Percent')) return percent;
  if (metric.endsWith('Ms')) return duration;
  return (value) => String(Math.round(value * 10) / 10);
}

function nothingHeld({ heldFromMs, heldToMs }: MetricsAnswer): string {
  if (heldFromMs === null || heldToMs === null) return 'History holds no sample of it.';
  return `No sample in that time; history holds ${duration(heldToMs - heldFromMs)} of it, the last ${new Date(heldToMs).toISOString()}.`;
}
