import type { LeakVerdict } from '../../../model/index.ts';
import { plot } from './chart.ts';
import type { Glyphs } from './glyphs.ts';
import { type Line, line, span, type Tone } from './line.ts';
import { bytes, duration } from './units.ts';

/** The words, marks and curves of leak findings; `detect` and `run` share them. */

const TONE: Readonly<Record<LeakVerdict, Tone>> = {
  leaking: 'bad',
  suspected: 'warn',
  clear: 'good',
  'insufficient-data': 'dim',
};

const WORD: Readonly<Record<LeakVerdict, string>> = {
  leaking: 'LEAKING',
  suspected: 'SUSPECTED',
  clear: 'CLEAR',
  'insufficient-data': 'NOT ENOUGH DATA',
};

export function leakWord(verdict: LeakVerdict, glyphs: Glyphs): Line {
  const marks = {
    leaking: glyphs.critical,
    suspected: glyphs.warning,
    clear: glyphs.ok,
    'insufficient-data': glyphs.info,
  };
  return line(span(`${marks[verdict]} ${WORD[verdict]}`, TONE[verdict]));
}

const ROWS = 6;
const LABEL = 9;
/** Wider than this a curve of a minute is only longer, not clearer. */
const MAX_COLUMNS = 72;

/** A curve of sizes over time; a column without a point repeats the one before it. */
export function leakCurve(
  points: readonly { readonly tMs: number; readonly value: number }[],
  { width, glyphs, tone }: { readonly width: number; readonly glyphs: Glyphs; readonly tone: Tone },
): Line[] {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined || last.tMs <= first.tMs) return [];
  const columns = Math.max(10, Math.min(MAX_COLUMNS, width - LABEL - 2));
  const values = means(points, first.tMs, last.tMs, columns);
  const known = values.filter((value) => value !== null);
  const drawn = plot(values, ROWS, glyphs);
  const labels = [bytes(Math.max(...known)), ...Array.from({ length: ROWS - 2 }, () => ''), bytes(Math.min(...known))];
  return [
    ...drawn.map((text, row) =>
      line(span((labels[row] ?? '').padStart(LABEL), 'dim'), '  ', span(text.trimEnd(), tone)),
    ),
    line(span(`${' '.repeat(LABEL + 2)}${duration(last.tMs - first.tMs)}, not from zero`, 'dim')),
  ];
}

export function leakTone(verdict: LeakVerdict): Tone {
  return verdict === 'leaking' || verdict === 'suspected' ? TONE[verdict] : 'accent';
}

function means(
  points: readonly { readonly tMs: number; readonly value: number }[],
  fromMs: number,
  toMs: number,
  columns: number,
): (number | null)[] {
  const sums = new Float64Array(columns);
  const counts = new Float64Array(columns);
  for (const { tMs, value } of points) {
    const column = Math.min(columns - 1, Math.floor(((tMs - fromMs) / (toMs - fromMs)) * columns));
    sums[column] = (sums[column] ?? 0) + value;
    counts[column] = (counts[column] ?? 0) + 1;
  }
  let before: number | null = null;
  return Array.from(counts, (count, column) => {
    if (count > 0) before = (sums[column] ?? 0) / count;
    return before;
  });
}
