import type { ConfigValue, ConfigView } from '../command.ts';
import type { Glyphs } from './glyphs.ts';
import { type Line, line, span, wrapWords } from './line.ts';
import { shown } from './safe.ts';
import { type Column, table } from './table.ts';
import { bytes, duration } from './units.ts';

const COLUMNS: readonly Column[] = [
  { title: 'OPTION', align: 'left' },
  { title: 'VALUE', align: 'left', flexible: true },
  { title: 'FROM', align: 'left' },
];

/** What was changed stands out; the rest is the default. */
export function configLines(view: ConfigView, options: { width: number; glyphs: Glyphs; verbose: boolean }): Line[] {
  const { width, glyphs, verbose } = options;
  const rows = view.values.map((value) => row(value, view.file));
  const places = Object.entries(view.places);
  const label = Math.max(0, ...places.map(([name]) => name.length));
  return [
    line(span('File  ', 'dim'), view.file === null ? 'none read' : shown(view.file, 500)),
    [],
    ...(verbose
      ? view.values.flatMap((value, index) => explained(value, rows[index] ?? [], width))
      : table(COLUMNS, rows, width, glyphs)),
    ...(verbose ? [] : [[]]),
    ...places.map(([name, path]) => line(span(`${name.padEnd(label)}  `, 'dim'), shown(path, 500))),
  ];
}

function row(value: ConfigValue, file: string | null): Line[] {
  const set = value.from !== 'default';
  return [
    line(span(value.name, set ? 'strong' : 'plain')),
    line(
      span(valueText(value), set ? 'accent' : 'plain'),
      value.notYet === null ? null : span('  not used yet', 'dim'),
    ),
    line(span(originText(value, file), set ? 'plain' : 'dim')),
  ];
}

function explained({ description, variable }: ConfigValue, cells: readonly Line[], width: number): Line[] {
  return [
    line(...cells.flatMap((cell, index) => (index === 0 ? [cell] : ['  ', cell]))),
    ...wrapWords(description, Math.max(20, width - 4)).map((words) => line('    ', words)),
    line(span(`    ${variable}`, 'dim')),
    [],
  ];
}

/** As people would write it, and how it reads in larger units: `60000 (1 min)`. */
function valueText({ value, kind }: ConfigValue): string {
  if (value === null) return 'not set';
  if (typeof value === 'number') {
    if (kind === 'ms') return `${value} (${duration(value)})`;
    if (kind === 'bytes') return `${value} (${bytes(value)})`;
    if (kind === 'share') return `${value} (${Math.round(value * 1000) / 10} %)`;
  }
  return shown(typeof value === 'string' ? value : JSON.stringify(value), 400);
}

function originText({ from, detail }: ConfigValue, file: string | null): string {
  if (detail === null) return from;
  if (from === 'file') return detail === file ? 'file' : `file ${shown(detail)}`;
  return from === 'flag' ? `flag ${shown(detail)}` : shown(detail);
}
