import type { ConfigValue, ConfigView } from '../command.ts';
import type { Glyphs } from './glyphs.ts';
import { type Line, line, span } from './line.ts';
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
  const rows = view.values.flatMap((value) => {
    const set = value.from !== 'default';
    const row = [
      line(span(value.name, set ? 'strong' : 'plain')),
      line(
        span(valueText(value), set ? 'accent' : 'plain'),
        value.notYet === null ? null : span('  not used yet', 'dim'),
      ),
      line(span(originText(value, view.file), set ? 'plain' : 'dim')),
    ];
    if (!verbose) return [row];
    const about = [value.description, `Variable: ${value.variable}.`];
    return [row, ...about.map((text) => [[], line(span(text, 'dim')), []]), [[], [], []]];
  });
  const places = Object.entries(view.places);
  const label = Math.max(0, ...places.map(([name]) => name.length));
  return [
    line(span('File  ', 'dim'), view.file === null ? 'none read' : shown(view.file, 500)),
    [],
    ...table(COLUMNS, rows, width, glyphs),
    [],
    ...places.map(([name, path]) => line(span(`${name.padEnd(label)}  `, 'dim'), shown(path, 500))),
  ];
}

/** As people would write it, and how it reads in larger units: `60000 (1 min)`. */
export function valueText({ value, kind }: ConfigValue): string {
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
