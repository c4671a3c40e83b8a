import type { DoctorReport, HealthReport } from '../../../model/index.ts';
import type { Glyphs } from './glyphs.ts';
import { type Line, line, span, wrapWords } from './line.ts';
import { shown } from './safe.ts';
import { count } from './units.ts';
import { levelMark, severityTone } from './words.ts';

interface Options {
  readonly width: number;
  readonly glyphs: Glyphs;
}

const RANK = { emergency: 0, critical: 1, warning: 2, info: 3, ok: 4 } as const;

/** Worst first, each with its next step. */
export function healthLines(report: HealthReport, { width, glyphs }: Options): Line[] {
  const checks = report.checks.toSorted((a, b) => RANK[a.level] - RANK[b.level]);
  const wrong = checks.filter(({ level }) => RANK[level] <= RANK.warning).length;
  const says =
    wrong === 0
      ? 'nothing needs you'
      : `${count(wrong, 'check')} of ${checks.length} need${wrong === 1 ? 's' : ''} you`;
  const names = Math.max(0, ...checks.map(({ name }) => shown(name).length));
  return [
    line(
      levelMark(report.severity, glyphs),
      ' ',
      span(report.severity.toUpperCase(), severityTone(report.severity)),
      span(`  ${says}`, 'strong'),
    ),
    [],
    ...checks.flatMap(({ name, level, detail, next }) =>
      entry(line(levelMark(level, glyphs), ` ${level.padEnd(9)}`), name, names, detail, next, glyphs, width),
    ),
  ];
}

/** What does not work first, because that is what people ran it for. */
export function doctorLines(report: DoctorReport, { width, glyphs }: Options): Line[] {
  const order = (works: boolean | null): number => (works === false ? 0 : works === null ? 1 : 2);
  const checks = report.checks.toSorted((a, b) => order(a.works) - order(b.works));
  const broken = checks.filter(({ works }) => works === false).length;
  const says =
    broken === 0
      ? 'Everything that can be seen here is seen.'
      : `${count(broken, 'thing')} cannot be seen or done here.`;
  const names = Math.max(0, ...checks.map(({ name }) => shown(name).length));
  return [
    line(span(says, 'strong')),
    [],
    ...checks.flatMap(({ name, works, detail, fix }) => {
      const mark = works === null ? levelMark('info', glyphs) : levelMark(works ? 'ok' : 'warning', glyphs);
      const word = works === null ? 'not known' : works ? 'works' : 'missing';
      return entry(line(mark, ` ${word.padEnd(9)}`), name, names, detail, fix, glyphs, width);
    }),
  ];
}

function entry(
  mark: Line,
  name: string,
  nameWidth: number,
  detail: string,
  next: string | null,
  glyphs: Glyphs,
  width: number,
): Line[] {
  const indent = 13 + nameWidth + 2;
  const room = Math.max(24, width - indent);
  const [first = '', ...rest] = wrapWords(shown(detail, 600), room);
  const step = next === null ? [] : wrapWords(`${glyphs.arrow} ${shown(next, 600)}`, room);
  return [
    line(mark, '  ', span(shown(name).padEnd(nameWidth), 'strong'), `  ${first}`),
    ...rest.map((text) => line(' '.repeat(indent), text)),
    ...step.map((text) => line(' '.repeat(indent), span(text, 'accent'))),
  ];
}
