import type { ProcessReport, Room, SessionReport, StatusReport } from '../../../model/index.ts';
import { bar } from './chart.ts';
import type { Glyphs } from './glyphs.ts';
import { type Line, line, span, type Tone, wrapWords } from './line.ts';
import { shown } from './safe.ts';
import { type Column, table } from './table.ts';
import { buildTree, type Memory, memoryOf, nodeMemory, sumMemory, type TreeNode } from './tree.ts';
import { bytes, count, duration, percent } from './units.ts';
import { isTrouble, levelMark, processName, sessionName, severityTone, shortId, verdictLine } from './words.ts';

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

export function headline(report: StatusReport, { glyphs, width }: ViewOptions): Line[] {
  const mark = levelMark(report.severity, glyphs);
  const label = `${report.severity.toUpperCase()}  `;
  const indent = label.length + 2;
  const [first = '', ...rest] = wrapWords(shown(report.summary, 400), Math.max(20, width - indent));
  return [
    line(mark, ' ', span(label, severityTone(report.severity)), span(first, 'strong')),
    ...rest.map((text) => line(' '.repeat(indent), span(text, 'strong'))),
  ];
}

export function hostLines({ host }: StatusReport, { glyphs, width }: ViewOptions): Line[] {
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

const COLUMNS: readonly Column[] = [
  { title: 'PSS+SWAP', align: 'right' },
  { title: 'RSS*', align: 'right', keep: 1 },
  { title: 'STATE', align: 'left' },
  { title: 'WHO', align: 'left', flexible: true },
];

function memoryCell(memory: Memory, tone: Tone = 'plain'): Line {
  return line(span(`${memory.exact ? '' : '~'}${bytes(memory.bytes)}`, memory.exact ? tone : 'dim'));
}

function billLines(report: StatusReport, options: ViewOptions): Line[] {
  const { glyphs } = options;
  const sessions = report.sessions.toSorted((a, b) => (b.totalBytes ?? b.rssBytes) - (a.totalBytes ?? a.rssBytes));
  const rows = sessions.flatMap((session) => [...sessionRows(session, report.atMs, glyphs), []]);
  if (sessions.length === 0) rows.push([[], [], [], line(span('No agent session is running.', 'strong'))], []);
  rows.push(...looseRows(report, options));
  return table(COLUMNS, rows, options.width, glyphs);
}

type Row = readonly Line[];

function sessionRows(session: SessionReport, nowMs: number, glyphs: Glyphs): Row[] {
  const known = session.totalBytes !== null;
  const memory = { bytes: session.totalBytes ?? session.rssBytes, exact: known };
  const facts = [
    shortId(session.sessionId),
    ...(session.startedAtMs === null ? [] : [duration(nowMs - session.startedAtMs)]),
    `${session.confidence} % sure`,
  ];
  const head: Row = [
    memoryCell(memory, 'strong'),
    line(span(bytes(session.rssBytes), 'dim')),
    verdictLine(session.verdict, glyphs),
    line(
      span(shown(session.client), 'accent'),
      ' ',
      span(sessionName(session), 'strong'),
      span(`  ${facts.join(` ${glyphs.dot} `)}`, 'dim'),
    ),
  ];
  return [head, ...treeRows(buildTree(session.processes), '', glyphs)];
}

function treeRows(nodes: readonly TreeNode[], indent: string, glyphs: Glyphs): Row[] {
  return nodes.flatMap((node, index) => {
    const last = index === nodes.length - 1;
    const branch = indent + (last ? glyphs.lastBranch : glyphs.branch);
    const below = indent + (last ? '   ' : glyphs.pipe);
    return [
      processRow(node, branch, glyphs),
      ...whyRows(node.process, below),
      ...treeRows(node.children, below, glyphs),
    ];
  });
}

function processRow(node: TreeNode, branch: string, glyphs: Glyphs): Row {
  const { process, wrappers } = node;
  const notes = [`pid ${process.pid}`];
  if (wrappers.length > 0) {
    const tax = sumMemory(wrappers.map(memoryOf));
    notes.push(
      `${tax.exact ? '' : '~'}${bytes(tax.bytes)} of it is the wrapper ${wrappers.map((part) => shown(part.name)).join(' > ')}`,
    );
  }
  const rss = [process, ...wrappers].reduce((sum, part) => sum + part.rssBytes, 0);
  return [
    memoryCell(nodeMemory(node)),
    line(span(bytes(rss), 'dim')),
    verdictLine(process.verdict, glyphs),
    line(
      span(branch, 'dim'),
      `${process.role} ${processName(process)}`,
      span(`  ${notes.join(` ${glyphs.dot} `)}`, 'dim'),
    ),
  ];
}

/** As many as a glance takes in; the rest is one line. `--all` lists every one. */
const MAX_LOOSE = 8;

function looseRows(report: StatusReport, { all, glyphs }: ViewOptions): Row[] {
  const sorted = report.unattributed.toSorted(
    (a, b) => Number(isTrouble(b.verdict)) - Number(isTrouble(a.verdict)) || memoryOf(b).bytes - memoryOf(a).bytes,
  );
  const notable = sorted.filter(
    (process) => isTrouble(process.verdict) || process.client !== null || process.serverName !== null,
  );
  const listed = all
    ? sorted
    : notable.slice(0, Math.max(MAX_LOOSE, notable.filter((p) => isTrouble(p.verdict)).length));
  const rest = sorted.filter((process) => !listed.includes(process));
  const rows: Row[] = listed.length > 0 ? [[[], [], [], line(span('Of no live session', 'strong'))]] : [];
  rows.push(...listed.flatMap((process) => looseRowsOf(process, glyphs)));
  if (rest.length > 0) {
    const what = listed.length > 0 ? 'other process' : 'process';
    const text = `${count(rest.length, what, `${what}es`)} of no session${all ? '' : ' (--all lists them)'}`;
    rows.push([
      memoryCell(sumMemory(rest.map(memoryOf)), 'dim'),
      line(span(bytes(rest.reduce((sum, part) => sum + part.rssBytes, 0)), 'dim')),
      [],
      line(span(text, 'dim')),
    ]);
  }
  return rows;
}

function looseRowsOf(process: ProcessReport, glyphs: Glyphs): Row[] {
  const past = process.sessionId === null ? [] : [`was in session ${shortId(process.sessionId)}`];
  const notes = [`pid ${process.pid}`, ...past].join(` ${glyphs.dot} `);
  const row: Row = [
    memoryCell(memoryOf(process)),
    line(span(bytes(process.rssBytes), 'dim')),
    verdictLine(process.verdict, glyphs),
    line(`${process.role} ${processName(process)}`, span(`  ${notes}`, 'dim')),
  ];
  return [row, ...whyRows(process, '   ')];
}

/** The evidence on a line of its own: a verdict without its reason is an accusation. */
function whyRows(process: ProcessReport, indent: string): Row[] {
  const why = process.verdictEvidence[0];
  if (!isTrouble(process.verdict) || why === undefined) return [];
  return [[[], [], [], line(span(`${indent}${shown(why.detail)} (${process.verdictConfidence} % sure)`, 'dim'))]];
}

function labelled(label: string, text: string, width: number): Line[] {
  const [first = '', ...rest] = wrapWords(text, Math.max(20, width - 8));
  return [line(span(label.padEnd(8), 'dim'), first), ...rest.map((more) => line(' '.repeat(8), more))];
}

export function roomSentence(room: Room): string {
  const basis = `${bytes(room.perSessionBytes)} each, the median of ${room.basedOnSessions}`;
  return `${room.more} more ${shown(room.client)} ${room.more === 1 ? 'session' : 'sessions'} (${basis}; ${bytes(room.reserveBytes)} kept free)`;
}

function footLines(report: StatusReport, { width, glyphs }: ViewOptions): Line[] {
  const { rampart, coverage } = report;
  const own = [
    bytes(rampart.rssBytes),
    ...(rampart.cpuPercent === null ? [] : [`${percent(rampart.cpuPercent)} of a core`]),
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
  'No service is running: this is a single look, without history; verdicts that need several looks stay unknown. `rampart start` watches.';

const RSS_NOTE =
  '* RSS counts shared pages once per process: its sum over-counts. ~ is RSS where PSS could not be read.';
