import type { TraceNotes } from '../../../sources/trace/index.ts';
import type { ReplayResult } from '../../../service/gate/replay.ts';
import type { Glyphs } from './glyphs.ts';
import { leakCurve, leakTone, leakWord } from './leak.ts';
import { type Line, line, span, wrapWords } from './line.ts';
import { shown } from './safe.ts';
import { bytes, change, count, duration } from './units.ts';

export interface FileView {
  readonly file: string;
  readonly result: ReplayResult;
  readonly notes: TraceNotes;
}

/** One file of `rampart detect`: verdict, why, curve, alarms, what each detector says. */
export function leakFileLines({ file, result, notes }: FileView, look: { width: number; glyphs: Glyphs }): Line[] {
  const { finding, curve, alarms } = result;
  const { width, glyphs } = look;
  const text = (words: string): Line[] =>
    wrapWords(shown(words, 600), Math.max(40, Math.min(100, width - 2))).map((part) => line('  ', part));
  const kind = finding.kind === null || finding.kind === 'unknown' ? '' : ` ${finding.kind}`;
  const score = finding.score === null ? '' : `  score ${finding.score.toFixed(2)}`;
  return [
    line(
      span(shown(file, 300), 'strong'),
      '  ',
      leakWord(finding.verdict, glyphs),
      span(kind, 'strong'),
      span(score, 'dim'),
    ),
    ...text(finding.reason),
    ...(finding.kindReason === null ? [] : text(finding.kindReason)),
    ...rateLines(result),
    ...leakCurve(curve.points, { width, glyphs, tone: leakTone(finding.verdict) }),
    ...alarms
      .slice(-5)
      .map(({ fromMs, toMs }) => line(span('  alarm ', 'warn'), `${time(fromMs)} for ${duration(toMs - fromMs)}`)),
    ...finding.detectors.map(({ name, detected, reason }) =>
      line(
        detected ? span(`  ${glyphs.warning} `, 'warn') : span(`  ${glyphs.info} `, 'dim'),
        name.padEnd(18),
        span(shown(reason, 200), 'dim'),
      ),
    ),
    ...noteLines(result, notes),
    [],
  ];
}

function rateLines({ finding, forecast }: ReplayResult): Line[] {
  const { ratePerHourBytes: rate, rateInterval } = finding;
  if (rate === null) return [];
  const range =
    rateInterval === null
      ? ''
      : `, ${Math.round(100 * rateInterval.confidence)} % between ${bytes(rateInterval.lowBytesPerHour)} and ${bytes(rateInterval.highBytesPerHour)}`;
  const lines = [line(`  ${change(rate)} an hour${range}`)];
  if (forecast.forecast === null) return lines;
  const { atMs, earliestMs, latestMs, limitBytes } = forecast.forecast;
  const latest = Number.isFinite(latestMs) ? time(latestMs) : 'never';
  return [
    ...lines,
    line(`  reaches ${bytes(limitBytes)} about ${time(atMs)} (80 %: ${time(earliestMs)} to ${latest})`),
  ];
}

function noteLines({ finding, fromMs, toMs, microsecondsPerSample, profile }: ReplayResult, notes: TraceNotes): Line[] {
  const { ignored, malformed, firstMalformedLine, torn } = notes;
  const { rejected } = finding;
  const left = Object.entries(rejected).filter(([, n]) => n > 0);
  const cost = microsecondsPerSample === null ? '' : `, ${microsecondsPerSample.toFixed(2)} µs each`;
  const span_ = fromMs === null || toMs === null ? '' : ` over ${duration(toMs - fromMs)}`;
  const scales = profile === 'run' ? '; judged as a short run under steady load' : '';
  const sentences = [
    `${count(finding.samples, 'sample')}${span_}${cost}${scales}`,
    ...(left.length > 0 ? [`left out: ${left.map(([why, n]) => `${n} ${why}`).join(', ')}`] : []),
    ...(malformed > 0
      ? [`${count(malformed, 'line')} held no row of figures, the first is line ${firstMalformedLine}`]
      : []),
    ...(torn ? ['the last line was cut off and left out'] : []),
    ...(ignored.length > 0 ? [`columns not used: ${ignored.join(', ')}`] : []),
  ];
  return sentences.map((sentence) => line(span(`  ${shown(sentence, 500)}`, 'dim')));
}

/** `2026-01-01 14:03`, UTC: recordings come from other machines. */
function time(atMs: number): string {
  const at = new Date(atMs);
  if (Number.isNaN(at.getTime())) return '–';
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
