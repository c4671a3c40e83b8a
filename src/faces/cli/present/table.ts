import type { Glyphs } from './glyphs.ts';
import { fitLine, type Line, line, lineWidth, span } from './line.ts';

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** Takes what width is left (one column at most); cut with an ellipsis when that is too little. */
  readonly flexible?: boolean;
  /** Narrower content does not make it narrower: a table that changes every second must not jump. */
  readonly min?: number;
  /** Lowest goes first when the terminal is too narrow for all; absent: never dropped. */
  readonly keep?: number;
}

/** Below this a flexible column says nothing: a narrower column is dropped for it first. */
const MIN_FLEXIBLE = 24;
const GAP = 2;

/**
 * Rows under titles in at most `width` columns of text. Columns are as wide as their content; when that is too much,
 * those with the lowest `keep` go, then the flexible one is cut.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly Line[])[],
  width: number,
  glyphs: Glyphs,
  titles = true,
): Line[] {
  const natural = columns.map((column, index) =>
    Math.max(column.min ?? 0, titles ? column.title.length : 0, ...rows.map((row) => lineWidth(row[index] ?? []))),
  );
  const shown = fitting(columns, natural, width);
  const widths = new Map(shown.map((index) => [index, natural[index] ?? 0]));
  const flexible = shown.find((index) => columns[index]?.flexible === true);
  if (flexible !== undefined) {
    const others = shown
      .filter((index) => index !== flexible)
      .reduce((sum, index) => sum + (natural[index] ?? 0) + GAP, 0);
    widths.set(flexible, Math.max(1, Math.min(natural[flexible] ?? 0, width - others)));
  }
  const draw = (cells: readonly Line[]): Line => {
    const drawn = shown.flatMap((index, at): Line => {
      const column = columns[index];
      const cell = fitLine(cells[index] ?? [], widths.get(index) ?? 0, column?.align ?? 'left', glyphs.ellipsis);
      const gap = at === 0 ? [] : [span(' '.repeat(GAP))];
      return [...gap, ...cell];
    });
    return trimEnd(drawn);
  };
  const head = draw(columns.map(({ title }) => line(span(title, 'dim'))));
  return titles ? [head, ...rows.map(draw)] : rows.map(draw);
}

/** Indexes of the columns that fit, in order. */
function fitting(columns: readonly Column[], natural: readonly number[], width: number): number[] {
  let shown = columns.map((_, index) => index);
  const needed = (): number =>
    shown.reduce((sum, index) => {
      const own = natural[index] ?? 0;
      return sum + (columns[index]?.flexible === true ? Math.min(own, MIN_FLEXIBLE) : own) + GAP;
    }, -GAP);
  const droppable = columns
    .map((column, index) => ({ index, keep: column.keep }))
    .filter((column): column is { index: number; keep: number } => column.keep !== undefined)
    .sort((a, b) => a.keep - b.keep);
  for (const { index } of droppable) {
    if (needed() <= width) break;
    shown = shown.filter((other) => other !== index);
  }
  return shown;
}

function trimEnd(cell: Line): Line {
  const last = cell.at(-1);
  if (last === undefined || last.tone === 'chosen') return cell;
  const text = last.text.trimEnd();
  return text === '' ? trimEnd(cell.slice(0, -1)) : [...cell.slice(0, -1), { ...last, text }];
}
