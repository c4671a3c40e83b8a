import type { Room, StatusReport } from '../../../model/index.ts';
import { billLines } from './bill.ts';
import { bar } from './chart.ts';
import type { Glyphs } from './glyphs.ts';
import { type Line, line, span, type Tone, wrapWords } from './line.ts';
import { shown } from './safe.ts';
import { bytes, count, duration, percent } from './units.ts';
import { levelMark, severityTone } from './words.ts';

export interface ViewOptions {
  readonly width: number;
  readonly glyphs: Glyphs;
  /** Every process, not only those of sessions and those in trouble. */
  readonly all: boolean;
}

/** What `rampart status` prints: the answer first, then the tree that explains it, then what it rests on. */
export function statusLines(report: StatusReport, options: ViewOptions): Line[] {
  return [
    ...headline(report, options),
    [],
    ...hostLines(report, options),
    [],
    ...billLines(report, options),
    [],
    ...footLines(report, options),
  ];
}

function headline(report: StatusReport, { glyphs, width }: ViewOptions): Line[] {
  const mark = levelMark(report.severity, glyphs);
  const label = `${report.severity.toUpperCase()}  `;
  const indent = label.length + 2;
  const [first = '', ...rest] = wrapWords(summaryText(report), Math.max(20, width - indent));
  return [
    line(mark, ' ', span(label, severityTone(report.severity)), span(first, 'strong')),
    ...rest.map((text) => line(' '.repeat(indent), span(text, 'strong'))),
  ];
}

/** The summary without the severity that it may begin with: the label before it says that. */
export function summaryText({ summary, severity }: StatusReport): string {
  const text = shown(summary, 400);
  return text.startsWith(`${severity}: `) ? text.slice(severity.length + 2) : text;
}

function hostLines({ host }: StatusReport, { glyphs, width }: ViewOptions): Line[] {
  const used = host.memoryTotalBytes - host.memoryAvailableBytes;
  const share = host.memoryTotalBytes > 0 ? used / host.memoryTotalBytes : 0;
  const figures = `${bytes(used)} of ${bytes(host.memoryTotalBytes)} used, ${bytes(host.memoryAvailableBytes)} available`;
  const room = Math.min(40, width - figures.length - 12);
  const swapUsed = host.swapTotalBytes - host.swapFreeBytes;
  const swap = host.swapTotalBytes > 0 ? `swap ${bytes(swapUsed)} of ${bytes(host.swapTotalBytes)}` : 'no swap';
  const pressure =
    host.pressure === null
      ? 'pressure not known'
      : `stalled for memory ${percent(host.pressure.someAvg10Percent)} of the last 10 s`;
  const limit = `${LIMIT_WORDS[host.limit.kind] ?? shown(host.limit.kind)} ${bytes(host.limit.limitBytes)}, ${bytes(host.limit.headroomBytes)} headroom`;
  return [
    line(
      span('Memory  ', 'dim'),
      room >= 8 ? [...bar(share, room, glyphs, loadTone(share)), span('  ')] : null,
      figures,
    ),
    ...labelled('Limit', [limit, swap, pressure].join(` ${glyphs.dot} `), width),
  ];
}

const LIMIT_WORDS: Readonly<Partial<Record<string, string>>> = {
  cgroup: 'memory cgroup',
  'cgroup-high': 'memory cgroup (throttled above)',
  'host-memory': "the machine's memory",
};

/** Only the colour of the bar: 80 and 95 % used is where people start to look and to worry; the severity decides. */
export function loadTone(share: number): Tone {
  if (share >= 0.95) return 'bad';
  return share >= 0.8 ? 'warn' : 'good';
}

function labelled(label: string, text: string, width: number): Line[] {
  const [first = '', ...rest] = wrapWords(text, Math.max(20, width - 8));
  return [line(span(label.padEnd(8), 'dim'), first), ...rest.map((more) => line(' '.repeat(8), more))];
}

function roomSentence(room: Room): string {
  const basis = `${bytes(room.perSessionBytes)} each, the median of ${room.basedOnSessions}`;
  return `${room.more} more ${shown(room.client)} ${room.more === 1 ? 'session' : 'sessions'} (${basis}; ${bytes(room.reserveBytes)} kept free)`;
}

function footLines(report: StatusReport, { width, glyphs }: ViewOptions): Line[] {
  const { rampart, coverage } = report;
  const own = [
    bytes(rampart.rssBytes),
    ...(rampart.cpuPercent === null || report.origin === 'one-shot'
      ? []
      : [`${percent(rampart.cpuPercent)} of a core`]),
    ...(rampart.sweepMs === null ? [] : [`one sweep ${duration(rampart.sweepMs)}`]),
    ...(report.origin === 'service' ? [`service pid ${rampart.pid}, up ${duration(rampart.uptimeMs)}`] : []),
  ];
  const hidden = coverage.hidden > 0 ? `, ${coverage.hidden} hidden from this user` : '';
  return [
    ...(report.fanOut.servers > 0 ? labelled('Fan-out', shown(report.fanOut.summary, 400), width) : []),
    ...report.room.flatMap((room) => labelled('Room', roomSentence(room), width)),
    ...labelled('Rampart', own.join(` ${glyphs.dot} `), width),
    ...(report.origin === 'one-shot' ? labelled('', ONE_SHOT, width) : []),
    ...labelled(
      'Seen',
      `${count(coverage.processes, 'process', 'processes')}${hidden}, by ${shown(coverage.source)}`,
      width,
    ),
    ...coverage.notes.flatMap((note) => labelled('', shown(note, 400), width)),
    ...labelled('', RSS_NOTE, width).map((text) => text.map(({ text: words }) => span(words, 'dim'))),
  ];
}

const ONE_SHOT =
  'No service is running: this is a look of our own, taken now, without history. `rampart start` keeps watching.';

const RSS_NOTE =
  '* RSS counts shared pages once per process: its sum over-counts. ~ is RSS where PSS could not be read.';
