import type { ProcessReport, SessionReport, StatusReport } from '../../../model/index.ts';
import type { Glyphs } from './glyphs.ts';
import { type Line, line, span, type Tone, wrapWords } from './line.ts';
import { shown } from './safe.ts';
import { type Column, table } from './table.ts';
import {
  alike,
  buildTree,
  type Memory,
  memoryOf,
  type NodeGroup,
  nodeMemory,
  processesOf,
  sumMemory,
  type TreeNode,
} from './tree.ts';
import { bytes, count, duration } from './units.ts';
import { isNotable, isTrouble, processName, sessionName, shortId, verdictLine, wrapperName } from './words.ts';

export interface BillOptions {
  readonly width: number;
  readonly glyphs: Glyphs;
  /** Every process, not only those of sessions and those in trouble. */
  readonly all: boolean;
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

/** Every session as a tree, then what belongs to none. */
export function billLines(report: StatusReport, options: BillOptions): Line[] {
  const { glyphs } = options;
  const sessions = report.sessions.toSorted((a, b) => (b.totalBytes ?? b.rssBytes) - (a.totalBytes ?? a.rssBytes));
  const rows = sessions.flatMap((session) => [...sessionRows(session, report.atMs, options), []]);
  if (sessions.length === 0) {
    const says = [
      span('No agent session is running.', 'strong'),
      span('`rampart demo` shows what one looks like.', 'dim'),
    ];
    rows.push(...says.map((part): Row => [[], [], [], [part]]), []);
  }
  rows.push(...looseRows(report, options));
  return table(COLUMNS, rows, options.width, glyphs);
}

type Row = readonly Line[];

function sessionRows(session: SessionReport, nowMs: number, options: BillOptions): Row[] {
  const { glyphs } = options;
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
  return [head, ...forestRows(buildTree(session.processes), '', { ...options, loose: false })];
}

interface ForestOptions extends BillOptions {
  /** Of no live session: roots have no branch, and the row says which session it was. */
  readonly loose: boolean;
}

function forestRows(nodes: readonly TreeNode[], indent: string, options: ForestOptions, depth = 0): Row[] {
  const { glyphs, all } = options;
  const groups = all ? nodes.map((node) => [node] as const) : alike(nodes);
  const bare = options.loose && depth === 0;
  return groups.flatMap((group, index) => {
    const last = index === groups.length - 1;
    const branch = bare ? '' : indent + (last ? glyphs.lastBranch : glyphs.branch);
    const below = bare ? '' : indent + (last ? '   ' : glyphs.pipe);
    const [{ process, children }] = group;
    return [
      groupRow(group, branch, options),
      ...whyRows(process, `${below}   `, options),
      ...forestRows(children, below, options, depth + 1),
    ];
  });
}

function groupRow(group: NodeGroup, branch: string, { glyphs, loose }: ForestOptions): Row {
  const [{ process }] = group;
  const wrappers = group.flatMap((node) => node.wrappers);
  const notes = [pids(group)];
  if (loose && process.sessionId !== null) notes.push(`was in session ${shortId(process.sessionId)}`);
  if (wrappers.length > 0) {
    const tax = sumMemory(wrappers.map(memoryOf));
    const chain = group[0].wrappers.map(wrapperName).join(' > ');
    notes.push(`${tax.exact ? '' : '~'}${bytes(tax.bytes)} of it is the wrapper ${chain}`);
  }
  const rss = [...group.map((node) => node.process), ...wrappers].reduce((sum, part) => sum + part.rssBytes, 0);
  const times = group.length > 1 ? `${group.length} ${glyphs.times} ` : '';
  return [
    memoryCell(sumMemory(group.map(nodeMemory))),
    line(span(bytes(rss), 'dim')),
    verdictLine(process.verdict, glyphs),
    line(
      span(branch, 'dim'),
      `${times}${process.role} ${processName(process)}`,
      span(`  ${notes.join(` ${glyphs.dot} `)}`, 'dim'),
    ),
  ];
}

function pids(group: NodeGroup): string {
  const shownPids = group.slice(0, 3).map(({ process }) => process.pid);
  return `pid ${shownPids.join(', ')}${group.length > shownPids.length ? ', …' : ''}`;
}

/** More groups than that are no glance; `--all` lists every process. */
const MAX_LOOSE = 12;

function looseRows(report: StatusReport, options: BillOptions): Row[] {
  const { all } = options;
  const listed = report.unattributed.filter((process) => all || isNotable(process, report.rampart.pid));
  const trouble = (node: TreeNode): number => Number(isTrouble(node.process.verdict));
  const trees = buildTree(listed).toSorted(
    (a, b) => trouble(b) - trouble(a) || nodeMemory(b).bytes - nodeMemory(a).bytes,
  );
  const groups = all ? trees.map((node) => [node] as const) : alike(trees);
  const drawn = (all ? groups : groups.slice(0, MAX_LOOSE)).flat();
  const seen = new Set(drawn.flatMap(processesOf));
  const rest = report.unattributed.filter((process) => !seen.has(process));
  const rows: Row[] = drawn.length > 0 ? [[[], [], [], line(span('Of no live session', 'strong'))]] : [];
  rows.push(...forestRows(drawn, '', { ...options, loose: true }));
  if (rest.length > 0) {
    const what = drawn.length > 0 ? 'other process' : 'process';
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

/** Columns left of WHO, with their gaps; the evidence is wrapped into what remains. */
const LEFT_COLUMNS = 34;

/** The evidence on lines of its own: a verdict without its reason is an accusation. */
function whyRows(process: ProcessReport, indent: string, { width }: BillOptions): Row[] {
  const why = process.verdictEvidence[0];
  if (!isTrouble(process.verdict) || why === undefined) return [];
  const text = `${shown(why.detail).replace(/\.$/, '')} (${process.verdictConfidence} % sure)`;
  return wrapWords(text, Math.max(24, width - LEFT_COLUMNS - indent.length)).map((words) => [
    [],
    [],
    [],
    line(span(`${indent}${words}`, 'dim')),
  ]);
}
