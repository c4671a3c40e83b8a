import type { StatusReport } from '../../../model/index.ts';
import { bar, resample, sparkline } from '../present/chart.ts';
import type { Glyphs } from '../present/glyphs.ts';
import { cutLine, fitLine, type Line, line, plainText, span } from '../present/line.ts';
import { loadTone, summaryText } from '../present/status.ts';
import { type Column, table } from '../present/table.ts';
import { bytes, change, percent, timeOfDay } from '../present/units.ts';
import { levelMark, severityTone, verdictLine } from '../present/words.ts';
import { detailLines } from './details.ts';
import { helpLines } from './key-help.ts';
import { chosenIndex } from './keys.ts';
import { type TopRow, topRows } from './rows.ts';
import type { TopState } from './state.ts';
import { changeOf } from './trail.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Frame {
  /** Exactly as many as the window is high, none wider than it. */
  readonly lines: readonly Line[];
  readonly rows: readonly TopRow[];
  /** Rows of the table that fit. */
  readonly pageRows: number;
}

const HEADER_LINES = 3;
const TITLE_LINES = 1;
const FOOTER_LINES = 1;
const DETAIL_LINES = 4;
/** A lower window gives its lines to the table. */
const MIN_HEIGHT_FOR_DETAILS = 18;

/** One picture of the state. Pure: the same state and size give the same lines. */
export function frame(state: TopState, size: Size, glyphs: Glyphs): Frame {
  const { width, height } = size;
  const details = height >= MIN_HEIGHT_FOR_DETAILS ? DETAIL_LINES : 0;
  const pageRows = Math.max(1, height - HEADER_LINES - TITLE_LINES - FOOTER_LINES - details);
  const rows = topRows(state, glyphs);
  const at = chosenIndex(state, rows);
  const body = state.help ? helpLines() : tableLines(state, rows, at, pageRows, width, glyphs);
  const lines = [
    ...header(state, width, glyphs),
    ...fill(body, pageRows + TITLE_LINES),
    ...fill(details > 0 && !state.help ? detailLines(state, rows[at], width, glyphs) : [], details),
    footer(state, width, glyphs),
  ];
  return { lines: lines.slice(0, height).map((text) => cutLine(text, width, glyphs.ellipsis)), rows, pageRows };
}

/** The whole table without a window around it, for `--once` and pipes. */
export function wholeFrame(state: TopState, width: number, glyphs: Glyphs): Line[] {
  const rows = topRows(state, glyphs);
  return [...header(state, width, glyphs), ...tableLines(state, rows, -1, Math.max(1, rows.length), width, glyphs)];
}

function fill(lines: readonly Line[], count: number): Line[] {
  return Array.from({ length: count }, (_, index) => lines[index] ?? []);
}

function header(state: TopState, width: number, glyphs: Glyphs): Line[] {
  const { report } = state;
  if (report === null)
    return [line(span(state.problem ?? 'Looking …', state.problem === null ? 'dim' : 'bad')), [], []];
  const right = `${state.paused ? 'PAUSED ' : ''}${timeOfDay(report.atMs)}`;
  const left = line(
    levelMark(report.severity, glyphs),
    ' ',
    span(`${report.severity.toUpperCase()}  `, severityTone(report.severity)),
    span(state.problem === null ? summaryText(report) : `No answer: ${state.problem}`, 'strong'),
  );
  const room = Math.max(10, width - right.length - 2);
  return [
    line(fitLine(left, room, 'left', glyphs.ellipsis), '  ', span(right, 'dim')),
    hostLine(report, width, glyphs),
    state.note === null ? [] : line(span(state.note, 'accent')),
  ];
}

function hostLine({ host }: StatusReport, width: number, glyphs: Glyphs): Line {
  const used = host.memoryTotalBytes - host.memoryAvailableBytes;
  const share = host.memoryTotalBytes > 0 ? used / host.memoryTotalBytes : 0;
  const swap = host.swapTotalBytes > 0 ? `swap ${bytes(host.swapTotalBytes - host.swapFreeBytes)}` : 'no swap';
  const stalled = host.pressure === null ? [] : [`stalled ${percent(host.pressure.someAvg10Percent)}`];
  const figures = [
    `${bytes(host.memoryAvailableBytes)} of ${bytes(host.memoryTotalBytes)} available`,
    swap,
    ...stalled,
  ].join(` ${glyphs.dot} `);
  const room = Math.min(40, width - figures.length - 2);
  return line(room >= 8 ? [...bar(share, room, glyphs, loadTone(share)), span('  ')] : null, figures);
}

const SPARK = 8;

const COLUMNS: readonly Column[] = [
  { title: 'PSS+SWAP', min: 9, align: 'right' },
  { title: 'TREND', min: 8, align: 'right', keep: 3 },
  { title: 'CHANGE', min: 9, align: 'right', keep: 4 },
  { title: 'RSS*', min: 8, align: 'right', keep: 1 },
  { title: 'CPU', min: 5, align: 'right', keep: 2 },
  { title: 'STATE', min: 9, align: 'left', keep: 5 },
  { title: 'WHO', align: 'left', flexible: true },
];

function tableLines(
  state: TopState,
  rows: readonly TopRow[],
  at: number,
  pageRows: number,
  width: number,
  glyphs: Glyphs,
): Line[] {
  if (rows.length === 0) return [[], line(span(emptyText(state), 'dim'))];
  // The chosen row stays in the middle while there is more on both sides.
  const from = Math.max(0, Math.min(at - Math.floor(pageRows / 2), rows.length - pageRows));
  const visible = rows.slice(from, from + pageRows);
  const cells = visible.map((row) => cellsOf(row, state, glyphs));
  const [head = [], ...drawn] = table(COLUMNS, cells, width - 1, glyphs);
  const shownRows = drawn.map((text, index) =>
    from + index === at ? chosenLine(text, width, glyphs) : line(' ', text),
  );
  return [line(' ', head), ...shownRows];
}

function emptyText({ report, filter }: TopState): string {
  if (report === null) return '';
  if (filter !== '') return `Nothing matches '${filter}'. Esc clears the filter.`;
  return 'No agent session is running. a shows all processes; `rampart demo` shows a stand-in swarm.';
}

function chosenLine(text: Line, width: number, glyphs: Glyphs): Line {
  return [span(`>${plainText(fitLine(text, width - 1, 'left', glyphs.ellipsis))}`, 'chosen')];
}

function cellsOf(row: TopRow, state: TopState, glyphs: Glyphs): Line[] {
  const trail = state.trails.get(row.id);
  const grown = changeOf(trail);
  const isSession = row.session !== null;
  return [
    line(span(`${row.memory.exact ? '' : '~'}${bytes(row.memory.bytes)}`, isSession ? 'strong' : 'plain')),
    line(span(sparkline(resample(trail?.map((point) => point.bytes) ?? [], SPARK), glyphs), 'accent')),
    line(span(grown === null ? '' : change(grown), isNotableGrowth(grown, row) ? 'warn' : 'dim')),
    line(span(bytes(row.rssBytes), 'dim')),
    line(span(row.cpuPercent === null ? '–' : percent(row.cpuPercent), (row.cpuPercent ?? 0) < 1 ? 'dim' : 'plain')),
    verdictLine(row.verdict, glyphs),
    row.who(),
  ];
}

/** Only where the eye is drawn to: a tenth more and 10 MiB is past the trembling of a working process. No verdict. */
function isNotableGrowth(grown: number | null, row: TopRow): boolean {
  return grown !== null && grown > 10 * 1024 ** 2 && grown > row.memory.bytes * 0.1;
}

function footer(state: TopState, width: number, glyphs: Glyphs): Line {
  if (state.typing)
    return line(
      span('filter: ', 'accent'),
      state.filter,
      span('_', 'strong'),
      span('   Enter keeps, Esc clears', 'dim'),
    );
  const keys: readonly (readonly [string, string])[] = [
    ['q', 'quit'],
    ['?', 'help'],
    ['s', `sort: ${state.sort}${state.reversed ? ' reversed' : ''}`],
    ['/', state.filter === '' ? 'filter' : `filter: ${state.filter}`],
    ['Enter', 'fold'],
    ['p', state.paused ? 'go on' : 'pause'],
    ['t', state.flat ? 'tree' : 'flat'],
    ['a', state.all ? 'agents only' : 'all processes'],
  ];
  const text = line(...keys.flatMap(([key, does]) => [span(key, 'accent'), span(` ${does}  `, 'dim')]));
  return cutLine(text, width, glyphs.ellipsis);
}
