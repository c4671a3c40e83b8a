import type { LeakReport, LeakRow } from '../../../model/index.ts';
import type { Glyphs } from './glyphs.ts';
import { leakWord } from './leak.ts';
import { type Line, line, span, wrapWords } from './line.ts';
import { shown } from './safe.ts';
import { bytes, count, duration, percent } from './units.ts';

interface Options {
  readonly width: number;
  readonly glyphs: Glyphs;
}

/** The answer first, then each finding with its reasons. */
export function leakLines(report: LeakReport, options: Options): Line[] {
  const rows = report.findings.flatMap((row) => [[], ...finding(row, report.atMs, options)]);
  const more =
    report.more === 0 ? [] : [[], line(span(`${count(report.more, 'more finding')}: --limit shows them`, 'dim'))];
  return [
    ...wrapWords(shown(report.summary, 400), options.width).map((text) => line(span(text, 'strong'))),
    ...rows,
    ...more,
  ];
}

function finding(
  { process, verdict, score, finding: said, ...row }: LeakRow,
  atMs: number,
  { width, glyphs }: Options,
): Line[] {
  const sure = score === null ? '' : `  ${percent(score * 100)} sure`;
  const facts = [
    said.reason,
    said.kindReason === null ? null : `Kind: ${said.kindReason}.`,
    rate(said.rateInterval),
    limitText(row, atMs),
    confirmText(row, process.id, atMs),
    ...said.detectors.filter(({ detected }) => detected).map(({ name, reason }) => `${name}: ${reason}`),
  ].filter((text) => text !== null);
  return [
    line(leakWord(verdict, glyphs), sure, '  ', span(shown(process.name), 'accent'), span(`  ${process.id}`, 'dim')),
    ...facts.flatMap((text) => wrapWords(shown(text, 400), width - 4).map((part) => line(`    ${part}`))),
  ];
}

function rate(interval: LeakRow['finding']['rateInterval']): string | null {
  if (interval === null) return null;
  const { lowBytesPerHour, highBytesPerHour, confidence } = interval;
  return `Between ${bytes(Math.max(0, lowBytesPerHour))} and ${bytes(highBytesPerHour)} an hour (${percent(confidence * 100)} of such intervals hold).`;
}

function confirmText({ confirmAtMs }: Pick<LeakRow, 'confirmAtMs'>, id: string, atMs: number): string | null {
  if (confirmAtMs === null) return null;
  const when = confirmAtMs <= atMs ? '' : ` (again in ${duration(confirmAtMs - atMs)})`;
  return `Confirm it: rampart inspect ${id} --collect${when}`;
}

function limitText(
  { forecast, forecastReason }: Pick<LeakRow, 'forecast' | 'forecastReason'>,
  atMs: number,
): string | null {
  if (forecast === null)
    return forecastReason === 'nothing grows' ? null : `No forecast: ${forecastReason ?? 'not known'}.`;
  const from = duration(Math.max(0, forecast.earliestMs - atMs));
  const to = forecast.latestMs === null ? 'never' : duration(Math.max(0, forecast.latestMs - atMs));
  return `Reaches its limit in ${duration(Math.max(0, forecast.atMs - atMs))} (${from} to ${to}): ${forecast.limitSource}`;
}
