import type { ProcessReport, SessionReport, StatusReport } from '../../../model/index.ts';
import type { Glyphs } from './glyphs.ts';
import { type Line, line, span, type Tone, wrapWords } from './line.ts';
import { shown } from './safe.ts';
import { type Column, table } from './table.ts';
import { buildTree, type Memory, memoryOf, nodeMemory, sumMemory, type TreeNode } from './tree.ts';
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
  if (sessions.length === 0)
    rows.push(
      [[], [], [], line(span('No agent session is running.', 'strong'), ' `rampart demo` shows what one looks like.')],
      [],
    );
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
  return [head, ...treeRows(buildTree(session.processes), '', options)];
}

function treeRows(nodes: readonly TreeNode[], indent: string, options: BillOptions): Row[] {
  const { glyphs } = options;
  return nodes.flatMap((node, index) => {
    const last = index === nodes.length - 1;
    const branch = indent + (last ? glyphs.lastBranch : glyphs.branch);
    const below = indent + (last ? '   ' : glyphs.pipe);
    return [
      processRow(node, branch, glyphs),
      ...whyRows(node.process, below, options),
      ...treeRows(node.children, below, options),
    ];
  });
}

function processRow(node: TreeNode, branch: string, glyphs: Glyphs): Row {
  const { process, wrappers } = node;
  const notes = [`pid ${process.pid}`];
  if (wrappers.length > 0) {
    const tax = sumMemory(wrappers.map(memoryOf));
    notes.push(
      `${tax.exact ? '' : '~'}${bytes(tax.bytes)} of it is the wrapper ${wrappers.map(wrapperName).join(' > ')}`,
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

function looseRows(report: StatusReport, options: BillOptions): Row[] {
  const { all } = options;
  const sorted = report.unattributed.toSorted(
    (a, b) => Number(isTrouble(b.verdict)) - Number(isTrouble(a.verdict)) || memoryOf(b).bytes - memoryOf(a).bytes,
  );
  const notable = sorted.filter((process) => isNotable(process, report.rampart.pid));
  const listed = all
    ? sorted
    : notable.slice(0, Math.max(MAX_LOOSE, notable.filter((p) => isTrouble(p.verdict)).length));
  const rest = sorted.filter((process) => !listed.includes(process));
  const rows: Row[] = listed.length > 0 ? [[[], [], [], line(span('Of no live session', 'strong'))]] : [];
  rows.push(...listed.flatMap((process) => looseRowsOf(process, options)));
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

function looseRowsOf(process: ProcessReport, options: BillOptions): Row[] {
  const { glyphs } = options;
  const past = process.sessionId === null ? [] : [`was in session ${shortId(process.sessionId)}`];
  const notes = [`pid ${process.pid}`, ...past].join(` ${glyphs.dot} `);
  const row: Row = [
    memoryCell(memoryOf(process)),
    line(span(bytes(process.rssBytes), 'dim')),
    verdictLine(process.verdict, glyphs),
    line(`${process.role} ${processName(process)}`, span(`  ${notes}`, 'dim')),
  ];
  return [row, ...whyRows(process, '   ', options)];
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
