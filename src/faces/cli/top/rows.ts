import type { Lifecycle, ProcessReport, SessionReport } from '../../../model/index.ts';
import type { Glyphs } from '../present/glyphs.ts';
import { type Line, line, span } from '../present/line.ts';
import { shown } from '../present/safe.ts';
import { buildTree, type Memory, memoryOf, nodeMemory, type TreeNode } from '../present/tree.ts';
import { isNotable, processName, sessionName, shortId, wrapperName } from '../present/words.ts';
import type { Sort, TopState } from './state.ts';
import { changeOf, sessionRowId } from './trail.ts';

/** One row of the live table. */
export interface TopRow {
  readonly id: string;
  readonly memory: Memory;
  readonly rssBytes: number;
  readonly cpuPercent: number | null;
  readonly startedAtMs: number | null;
  readonly verdict: Lifecycle;
  /** Made when the row is drawn: of thousands a window shows forty. */
  readonly who: () => Line;
  readonly name: () => string;
  readonly session: SessionReport | null;
  readonly process: ProcessReport | null;
  readonly foldable: boolean;
}

/** The rows of a state, in the order in which they are drawn. */
export function topRows(state: TopState, glyphs: Glyphs): TopRow[] {
  const { report } = state;
  if (report === null) return [];
  const wanted = matcher(state.filter);
  const loose = report.unattributed.filter(
    (process) =>
      (state.all || state.filter !== '' || isNotable(process, report.rampart.pid)) &&
      wanted(() => processText(process)),
  );
  if (state.flat) {
    const inside = report.sessions.flatMap((session) =>
      session.processes
        .filter((process) => wanted(() => `${sessionText(session)} ${processText(process)}`))
        .map((process) => ({ process, tag: () => sessionName(session) })),
    );
    return sorted(
      [
        ...inside.map(({ process, tag }) => processRow(process, tag)),
        ...loose.map((process) => processRow(process, pastOf(process))),
      ],
      state,
    );
  }
  const sessions = sorted(
    report.sessions.map((session) => sessionRow(session, state, glyphs)),
    state,
  );
  return [
    ...sessions.flatMap((row) => withTree(row, state, glyphs, wanted)),
    ...sorted(
      loose.map((process) => processRow(process, pastOf(process))),
      state,
    ),
  ];
}

/** The text is made only when there is a filter: thousands of rows are drawn every two seconds. */
type Wanted = (text: () => string) => boolean;

function matcher(filter: string): Wanted {
  const words = filter
    .toLowerCase()
    .split(' ')
    .filter((word) => word !== '');
  if (words.length === 0) return () => true;
  return (text) => {
    const lower = text().toLowerCase();
    return words.every((word) => lower.includes(word));
  };
}

const sessionText = (session: SessionReport): string =>
  `${session.client} ${sessionName(session)} ${session.sessionId} ${session.verdict}`;

const processText = (process: ProcessReport): string =>
  `${process.role} ${processName(process)} ${process.name} ${process.command} ${process.pid} ${process.verdict}`;

const pastOf = (process: ProcessReport) => (): string =>
  process.sessionId === null ? 'no session' : `was in ${shortId(process.sessionId)}`;

function sessionRow(session: SessionReport, state: TopState, glyphs: Glyphs): TopRow {
  const id = sessionRowId(session.sessionId);
  const loads = session.processes.map(({ cpuPercent }) => cpuPercent).filter((load) => load !== null);
  const fold = state.folded.has(id) ? glyphs.closed : glyphs.open;
  return {
    id,
    memory: { bytes: session.totalBytes ?? session.rssBytes, exact: session.totalBytes !== null },
    rssBytes: session.rssBytes,
    cpuPercent: loads.length === 0 ? null : loads.reduce((sum, load) => sum + load, 0),
    startedAtMs: session.startedAtMs,
    verdict: session.verdict,
    who: () => line(`${fold} `, span(shown(session.client), 'accent'), ' ', span(sessionName(session), 'strong')),
    name: () => sessionName(session),
    session,
    process: null,
    foldable: session.processes.length > 0,
  };
}

function processRow(process: ProcessReport, tag: (() => string) | null): TopRow {
  return {
    id: process.id,
    memory: memoryOf(process),
    rssBytes: process.rssBytes,
    cpuPercent: process.cpuPercent,
    startedAtMs: process.startedAtMs,
    verdict: process.verdict,
    who: () => line(`${process.role} ${processName(process)}`, tag === null ? null : span(`  ${tag()}`, 'dim')),
    name: () => processName(process),
    session: null,
    process,
    foldable: false,
  };
}

/** A session's row and, unless it is folded, its tree. A filter keeps what matches with all that leads to it. */
function withTree(row: TopRow, state: TopState, glyphs: Glyphs, wanted: Wanted): TopRow[] {
  const { session } = row;
  if (session === null) return [row];
  const keep = (node: TreeNode): boolean =>
    wanted(() => `${sessionText(session)} ${[node.process, ...node.wrappers].map(processText).join(' ')}`) ||
    node.children.some(keep);
  const tree = buildTree(session.processes).filter(keep);
  if (tree.length === 0 && !wanted(() => sessionText(session))) return [];
  return state.folded.has(row.id) ? [row] : [row, ...nodeRows(tree, '  ', keep, state, glyphs)];
}

function nodeRows(
  nodes: readonly TreeNode[],
  indent: string,
  keep: (node: TreeNode) => boolean,
  state: TopState,
  glyphs: Glyphs,
): TopRow[] {
  const nodeOf = new Map(nodes.map((node) => [nodeRow(node), node]));
  const order = sorted([...nodeOf.keys()], state);
  return order.flatMap((row, index) => {
    const node = nodeOf.get(row);
    const last = index === order.length - 1;
    const branch = indent + (last ? glyphs.lastBranch : glyphs.branch);
    const drawn = { ...row, who: () => line(span(branch, 'dim'), row.who()) };
    const below = node === undefined ? [] : node.children.filter(keep);
    return [drawn, ...nodeRows(below, indent + (last ? '   ' : glyphs.pipe), keep, state, glyphs)];
  });
}

function nodeRow(node: TreeNode): TopRow {
  const { process, wrappers } = node;
  const own = processRow(process, wrappers.length === 0 ? null : () => `+ ${wrappers.map(wrapperName).join(' > ')}`);
  return {
    ...own,
    memory: nodeMemory(node),
    rssBytes: wrappers.reduce((sum, part) => sum + part.rssBytes, own.rssBytes),
  };
}

function sorted(rows: readonly TopRow[], state: TopState): TopRow[] {
  const direction = state.reversed ? -1 : 1;
  return rows.toSorted((a, b) => direction * (compare(a, b, state.sort, state) || (a.id < b.id ? -1 : 1)));
}

/** The heavy, the fast growing and the old first; names from A. Unknown figures last. */
function compare(a: TopRow, b: TopRow, sort: Sort, state: TopState): number {
  if (sort === 'name') return a.name().localeCompare(b.name());
  const figure = (row: TopRow): number => {
    if (sort === 'memory') return row.memory.bytes;
    if (sort === 'rss') return row.rssBytes;
    if (sort === 'cpu') return row.cpuPercent ?? -1;
    if (sort === 'change') return changeOf(state.trails.get(row.id)) ?? -Infinity;
    return row.startedAtMs === null ? -Infinity : -row.startedAtMs;
  };
  const [left, right] = [figure(a), figure(b)];
  return left === right ? 0 : right - left;
}
