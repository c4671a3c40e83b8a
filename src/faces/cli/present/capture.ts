import type { CaptureReport, ConstructorGrowth } from '../../../model/index.ts';
import type { Glyphs } from './glyphs.ts';
import { culpritLines, inspectLines } from './inspect.ts';
import { type Line, line, span, wrapWords } from './line.ts';
import { shown } from './safe.ts';
import { type Column, table } from './table.ts';
import { change } from './units.ts';

interface Options {
  readonly width: number;
  readonly glyphs: Glyphs;
}

const COLUMNS: readonly Column[] = [
  { title: 'GROWTH', align: 'right' },
  { title: 'KEEPS', align: 'right', keep: 2 },
  { title: 'INSTANCES', align: 'right', keep: 3 },
  { title: 'CLASS', align: 'left', flexible: true },
];
/** Classes whose holders are shown. */
const EXPLAINED = 3;
const SHOWN_ROWS = 10;

/** Where it is, what it says. */
export function captureLines(report: CaptureReport, options: Options): Line[] {
  const { inspection, path, id, growth, culprits } = report;
  const said = inspection === null ? headLines(report, options) : inspectLines(inspection, options);
  const grown = growth.length === 0 ? [] : growthLines(growth, options);
  const blamed = inspection === null && culprits.length > 0 ? culpritLines(culprits, options) : [];
  return [
    ...said,
    ...grown,
    ...blamed,
    [],
    line(span(`kept as ${id}`, 'dim')),
    ...(path === null ? [] : [line(span(shown(path, 400), 'dim'))]),
  ];
}

function headLines({ process, summary }: CaptureReport, { width }: Options): Line[] {
  return [
    line(span(shown(process.name), 'accent'), span(`  ${process.id}`, 'dim')),
    ...wrapWords(shown(summary, 400), width).map((text) => line(span(text, 'strong'))),
  ];
}

function growthLines(growth: readonly ConstructorGrowth[], { width, glyphs }: Options): Line[] {
  const rows = growth
    .slice(0, SHOWN_ROWS)
    .map(({ constructorName, countBefore, countAfter, bytesBefore, bytesAfter, retainedGrowthBytes }) => [
      line(change(bytesAfter - bytesBefore)),
      line(change(retainedGrowthBytes)),
      line(`${countBefore} ${glyphs.arrow} ${countAfter}`),
      line(shown(constructorName, 100)),
    ]);
  const held = growth
    .filter(({ retainers }) => retainers.length > 0)
    .slice(0, EXPLAINED)
    .flatMap(({ constructorName, retainers }) => [
      [],
      line(span(shown(constructorName, 100), 'accent'), span('  is held by', 'dim')),
      ...retainers.map((step) => line(`  ${shown(step, 160)}`)),
    ]);
  return [[], ...table(COLUMNS, rows, width, glyphs), ...held];
}
