import { type DetectorSample, RampartError } from '../../model/index.ts';
import { COLUMNS, type Column, columnOf, NEEDED } from './columns.ts';

/** Null: not a row of figures. */
export type RowParser = (text: string) => DetectorSample | null;

export interface Format {
  readonly name: 'csv' | 'jsonl';
  /** Columns that mean nothing to us. */
  readonly ignored: readonly string[];
  readonly parse: RowParser;
  /** Whether the line that told the format is itself a row. */
  readonly startsWithRow: boolean;
}

const SEPARATORS = [',', ';', '\t'] as const;

/** What a file is, by its first line. `place` is `file:line` for the error. */
export function formatOf(first: string, place: string): Format {
  if (first.startsWith('{')) return { name: 'jsonl', ignored: [], parse: parseObject, startsWithRow: true };
  const separator = SEPARATORS.find((candidate) => first.includes(candidate)) ?? ',';
  const names = first.split(separator).map((name) => name.trim().replace(/^"(.*)"$/, '$1'));
  const columns = names.map(columnOf);
  const missing = NEEDED.filter((column) => !columns.includes(column));
  if (missing.length > 0) throw noTable(first, place, missing);
  const ignored = names.filter((_, index) => columns[index] === undefined).map((name) => name.slice(0, 60));
  return { name: 'csv', ignored, parse: csvParser(separator, columns), startsWithRow: false };
}

function noTable(first: string, place: string, missing: readonly Column[]): RampartError {
  const figures = /^[\s\d.,;+-]+$/.test(first);
  const what = figures
    ? 'the first line holds figures, not the names of the columns'
    : `no column ${missing.join(', ')}`;
  return new RampartError(
    'corrupt',
    `${place}: ${what}`,
    `A recording is CSV whose first line names its columns (${NEEDED.join(', ')}, and if known ${Object.keys(COLUMNS).slice(2).join(', ')}), or JSON lines with these names. \`rampart record\` writes one.`,
  );
}

function csvParser(separator: string, columns: readonly (Column | undefined)[]): RowParser {
  // Of two columns with one name the first counts.
  const fields = columns.flatMap((column, index) =>
    column !== undefined && columns.indexOf(column) === index ? [{ index, key: COLUMNS[column] }] : [],
  );
  const needed = Math.max(...NEEDED.map((column) => columns.indexOf(column))) + 1;
  return (text) => {
    const cells = text.split(separator);
    if (cells.length < needed || cells.length > columns.length) return null;
    const sample: Partial<Record<keyof DetectorSample, number>> = {};
    for (const { index, key } of fields) {
      const value = figure(cells[index]);
      if (value === undefined) return null;
      sample[key] = value;
    }
    return sample as unknown as DetectorSample;
  };
}

/** NaN: the cell says that the figure is not known. Undefined: it is no figure at all. */
function figure(cell: string | undefined): number | undefined {
  if (cell === undefined || cell === '') return Number.NaN;
  const value = Number(cell);
  if (!Number.isNaN(value)) return cell.trim() === '' ? Number.NaN : value;
  const text = cell.trim().replace(/^"(.*)"$/, '$1');
  if (text === '' || /^[+-]?(?:nan|null|none|na|n\/a|inf|infinity|-)$/i.test(text)) return Number.NaN;
  const quoted = Number(text);
  return Number.isNaN(quoted) ? undefined : quoted;
}

function parseObject(text: string): DetectorSample | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const sample: Partial<Record<keyof DetectorSample, number>> = { tMs: Number.NaN, rssBytes: Number.NaN };
  let known = 0;
  for (const [name, content] of Object.entries(value)) {
    const column = columnOf(name);
    if (column === undefined) continue;
    known += 1;
    // `null` is how JSON writes NaN.
    sample[COLUMNS[column]] = typeof content === 'number' ? content : Number.NaN;
  }
  return known > 0 ? (sample as unknown as DetectorSample) : null;
}
