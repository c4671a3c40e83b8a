import type { Death, DeathReport, Killer } from '../../../model/index.ts';
import { plot, resample } from './chart.ts';
import type { Glyphs } from './glyphs.ts';
import { cutLine, type Line, line, span, type Tone, wrapWords } from './line.ts';
import { shown } from './safe.ts';
import { bytes, count, duration, timeOfDay } from './units.ts';

interface Options {
  readonly width: number;
  readonly glyphs: Glyphs;
}

const ROWS = 6;
const LABEL = 10;

/** For lack of memory: what people came to see. */
const BAD: ReadonlySet<Killer> = new Set(['kernel-oom', 'systemd-oomd', 'earlyoom', 'v8-heap-limit']);

function tone({ killer, ordinary }: Death): Tone {
  if (BAD.has(killer)) return 'bad';
  return ordinary ? 'dim' : 'warn';
}

/** The newest deaths, one a line. */
export function deathListLines({ deaths, more, summary, atMs }: DeathReport, { width, glyphs }: Options): Line[] {
  const killers = Math.max(0, ...deaths.map(({ killer }) => killer.length));
  const rows = deaths.map((death) =>
    cutLine(
      line(
        span(`${when(death, atMs).padStart(12)}  `, 'dim'),
        span(death.killer.padEnd(killers), tone(death)),
        `  ${String(death.confidence).padStart(2)} %  `,
        `${death.role.padEnd(7)} `,
        span(shown(death.name, 60), 'accent'),
        span(`  ${death.signal ?? (death.exitCode === null ? '' : `code ${death.exitCode}`)}`, 'dim'),
        span(`  ${shown(death.id)}`, 'dim'),
      ),
      width,
      glyphs.ellipsis,
    ),
  );
  const rest = more === 0 ? [] : [line(span(`${count(more, 'older death')}: --limit shows them`, 'dim'))];
  const next = deaths.length === 0 ? [] : [[], line(span('rampart post-mortem ID shows one in full', 'dim'))];
  return [
    ...wrapWords(shown(summary, 400), width).map((text) => line(span(text, 'strong'))),
    ...(rows.length === 0 ? [] : [[]]),
    ...rows,
    ...rest,
    ...next,
  ];
}

/** One death: who, when, by whom and why, the last curve, how to go on. */
export function deathLines(death: Death, { width, glyphs }: Options): Line[] {
  const indented = (text: string): Line[] => wrapWords(shown(text, 600), width - 2).map((part) => line(`  ${part}`));
  const { id, name, role, client, sessionId, process, companions, lastLeak, unknown } = death;
  const session = sessionId === null ? '' : ` ${glyphs.dot} session ${shown(sessionId)}`;
  return [
    ...wrapWords(shown(death.summary, 400), width).map((text) => line(span(text, tone(death)))),
    line(
      span(shown(name), 'accent'),
      `  ${role}${client === null ? '' : ` of ${shown(client)}`}  `,
      span(process.id, 'dim'),
    ),
    line(span(`${moment(death)}${session} ${glyphs.dot} ${shown(id)}`, 'dim')),
    ...section(
      'Evidence',
      death.evidence.flatMap(({ detail }) => indented(detail)),
    ),
    ...section(
      'Or else',
      death.alternatives.flatMap(({ killer, confidence }) => indented(`${killer}, ${confidence} %`)),
    ),
    ...section('Memory before', curveLines(death, { width, glyphs })),
    ...section('Last findings', [
      ...(lastLeak === null ? [] : indented(`Leak detectors: ${lastLeak.verdict}. ${lastLeak.reason}`)),
      ...death.lastAlerts.flatMap((title) => indented(`Alert: ${title}`)),
    ]),
    ...section(
      'Ended with it',
      companions.flatMap((one) => indented(`${one.role} ${one.name} ${one.id} ${one.signal ?? ''}`)),
    ),
    ...section('To go on', [
      ...(death.resume === null ? [] : [line('  ', span(shown(death.resume, 600), 'strong'))]),
      ...indented(death.resumeReason),
    ]),
    ...section(
      'Not known',
      Object.entries(unknown).flatMap(([what, why]) => indented(`${what}: ${why}`)),
    ),
  ];
}

function section(title: string, lines: readonly Line[]): Line[] {
  return lines.length === 0 ? [] : [[], line(span(title, 'strong')), ...lines];
}

function curveLines(death: Death, { width, glyphs }: Options): Line[] {
  const { curve, hostAvailableBytes } = death;
  const [first, last] = [curve[0], curve.at(-1)];
  if (first === undefined || last === undefined) return [];
  const values = evenly(death, Math.max(10, width - LABEL - 4));
  const drawn = plot(values, ROWS, glyphs);
  const sizes = curve.map(({ rssBytes }) => rssBytes);
  const label = (row: number): string => {
    if (row === 0) return bytes(Math.max(...sizes));
    return row === ROWS - 1 ? bytes(Math.min(...sizes)) : '';
  };
  const host = hostAvailableBytes === null ? '' : ` ${glyphs.dot} host had ${bytes(hostAvailableBytes)} available`;
  return [
    ...drawn.map((text, row) => line(span(label(row).padStart(LABEL), 'dim'), '  ', span(text.trimEnd(), 'accent'))),
    line(
      ' '.repeat(LABEL + 2),
      `${duration(death.diedBeforeMs - first.atMs)} ${glyphs.dot} last seen ${bytes(last.rssBytes)}${host}`,
    ),
  ];
}

/** The curve's points are denser at its end; a column is a piece of time. A value stands until the next. */
function evenly({ curve, diedBeforeMs }: Death, width: number): (number | null)[] {
  const fromMs = curve[0]?.atMs ?? 0;
  const stepMs = Math.max(1, (diedBeforeMs - fromMs) / width);
  return Array.from({ length: width }, (_, column) => {
    const [start, end] = [fromMs + column * stepMs, fromMs + (column + 1) * stepMs];
    const inside = curve.filter(({ atMs }) => atMs >= start && atMs < end).map(({ rssBytes }) => rssBytes);
    if (inside.length > 0) return resample(inside, 1)[0] ?? null;
    return curve.findLast(({ atMs }) => atMs < start)?.rssBytes ?? null;
  });
}

const DAY_MS = 86_400_000;

function when({ diedBeforeMs }: Death, atMs: number): string {
  const ageMs = atMs - diedBeforeMs;
  return ageMs < DAY_MS ? timeOfDay(diedBeforeMs) : `${duration(ageMs)} ago`;
}

function moment({ diedAfterMs, diedBeforeMs }: Death): string {
  const day = new Date(diedBeforeMs).toISOString().slice(0, 10);
  if (diedBeforeMs - diedAfterMs < 1000) return `${day} ${timeOfDay(diedBeforeMs)}`;
  return `${day} between ${timeOfDay(diedAfterMs)} and ${timeOfDay(diedBeforeMs)}`;
}
