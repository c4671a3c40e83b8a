import type { Alert, AlertReport, Silence } from '../../../model/index.ts';
import type { Glyphs } from './glyphs.ts';
import { type Line, line, span, wrapWords } from './line.ts';
import { shown } from './safe.ts';
import { count, duration, timeOfDay } from './units.ts';
import { levelMark, severityTone } from './words.ts';

interface Options {
  readonly width: number;
  readonly glyphs: Glyphs;
  /** With detail, evidence and what to do next. */
  readonly verbose: boolean;
}

/** Worst first; each with its id, which `ack` and `silence` take. */
export function alertLines(report: AlertReport, options: Options): Line[] {
  return [
    ...wrapWords(shown(report.summary, 400), options.width).map((text) => line(span(text, 'strong'))),
    ...report.alerts.flatMap((alert) => [[], ...alertBlock(alert, report.atMs, options)]),
    ...(report.more > 0 ? [[], line(span(`and ${count(report.more, 'alert')} more: --limit`, 'dim'))] : []),
    ...(report.silences.length > 0 ? [[], ...silenceLines(report.silences, report.atMs)] : []),
  ];
}

/** Enough of a fingerprint to name it. */
const ID_LENGTH = 8;

function alertBlock(alert: Alert, atMs: number, { width, glyphs, verbose }: Options): Line[] {
  const quiet = quietWord(alert);
  const since = alert.state === 'pending' ? alert.activeAtMs : (alert.firedAtMs ?? alert.activeAtMs);
  const when =
    alert.state === 'resolved'
      ? `over for ${duration(atMs - (alert.resolvedAtMs ?? atMs))}`
      : `${alert.state} for ${duration(atMs - since)}`;
  const about = alert.subject.kind === 'host' ? 'host' : `${alert.subject.kind} ${shown(alert.subject.id, 120)}`;
  const name =
    alert.subject.name === alert.subject.id || alert.subject.kind === 'host'
      ? null
      : span(`  ${shown(alert.subject.name, 80)}`, 'accent');
  return [
    line(
      levelMark(alert.level, glyphs),
      ' ',
      span(alert.level.toUpperCase(), quiet === null && alert.state === 'firing' ? severityTone(alert.level) : 'dim'),
      `  ${shown(alert.title, 300)}`,
    ),
    line(
      span(`    ${alert.fingerprint.slice(0, ID_LENGTH)}  `, 'accent'),
      span(
        `${shown(alert.rule)} ${glyphs.dot} ${when}${quiet === null ? '' : ` ${glyphs.dot} ${quiet}`}${alert.flapping ? ` ${glyphs.dot} flapping` : ''}`,
        'dim',
      ),
    ),
    line(`    ${about}`, name),
    ...(verbose
      ? [
          shown(alert.detail, 600),
          ...alert.evidence.map(({ kind, detail }) => `${shown(kind)}: ${shown(detail, 300)}`),
          ...alert.next.map((text) => `next: ${shown(text, 300)}`),
        ]
          .flatMap((text) => wrapWords(text, width - 4))
          .map((text) => line(span(`    ${text}`, 'dim')))
      : []),
  ];
}

function quietWord({ acknowledged, silencedBy, inhibitedBy }: Alert): string | null {
  if (acknowledged !== null)
    return `acknowledged by ${shown(acknowledged.by, 60)} until ${timeOfDay(acknowledged.untilMs)}`;
  if (silencedBy !== null) return `silenced (${shown(silencedBy).slice(0, ID_LENGTH)})`;
  return inhibitedBy === null ? null : `part of ${shown(inhibitedBy).slice(0, ID_LENGTH)}`;
}

export function silenceLines(silences: readonly Silence[], atMs: number): Line[] {
  if (silences.length === 0) return [line('No silence.')];
  return silences.map(({ id, matchers, endsAtMs, by, reason }) =>
    line(
      span(`${shown(id).slice(0, ID_LENGTH)}  `, 'accent'),
      shown(matchers.map(({ label, value, isRegex }) => `${label}${isRegex ? '=~' : '='}${value}`).join(' '), 400),
      span(`  for ${duration(endsAtMs - atMs)} more, by ${shown(by, 60)}: ${shown(reason)}`, 'dim'),
    ),
  );
}

/** One change, for `--watch` and for the log of `start`. */
export function alertChangeLine(change: string, alert: Alert): Line {
  const name = alert.subject.kind === 'host' ? '' : `  ${shown(alert.subject.kind)} ${shown(alert.subject.id, 80)}`;
  return line(
    span(
      `${change === 'resolved' ? 'over' : change} ${alert.level}`,
      change === 'resolved' ? 'good' : severityTone(alert.level),
    ),
    `  ${shown(alert.title, 300)}`,
    span(`${name}  ${alert.fingerprint.slice(0, ID_LENGTH)}`, 'dim'),
  );
}
