import type { Attribution, ProcessKey } from '../model/index.ts';
import type { OwnKind } from './own-kind.ts';
import type { ProcessRow, ProcessRows } from './row.ts';

/** A process in its tree, while attribution works on it. */
export interface Node {
  readonly key: ProcessKey;
  readonly row: ProcessRow;
  readonly own: OwnKind;
  parent: Node | null;
  hasChildren: boolean;
  /** Direct child that is the real agent, when this is only its launcher. */
  launches: Node | null;
  /** Session id that this agent's children carry in their environment. */
  childSession: { readonly id: string; readonly depth: number; readonly startTime: number } | null;
  attribution: Attribution | null;
  /** Guard against impossible parent loops (samples are taken one after the other). */
  visiting: boolean;
}

/**
 * Links every process to its parent. A pid is reused: a "parent" that is younger than its child is another process, and
 * the real one is gone. O(processes).
 */
export function buildTree(
  rows: ProcessRows,
  kindOf: (key: ProcessKey, row: ProcessRow) => OwnKind,
): Map<ProcessKey, Node> {
  const nodes = new Map<ProcessKey, Node>();
  const byPid = new Map<number, Node>();
  for (const [key, row] of rows) {
    const node: Node = {
      key,
      row,
      own: kindOf(key, row),
      parent: null,
      hasChildren: false,
      launches: null,
      childSession: null,
      attribution: null,
      visiting: false,
    };
    nodes.set(key, node);
    const former = byPid.get(row.sample.pid);
    // Two identities of one pid can meet in one map when a process ended during the sweep: the younger one lives.
    if (former === undefined || former.row.sample.startTime < row.sample.startTime) byPid.set(row.sample.pid, node);
  }
  for (const node of nodes.values()) {
    const { ppid, pid, startTime } = node.row.sample;
    const parent = ppid === pid ? undefined : byPid.get(ppid);
    if (parent === undefined || parent.row.sample.startTime > startTime) continue;
    node.parent = parent;
    parent.hasChildren = true;
  }
  return nodes;
}

/** Stands around a server. A shell without children is no wrapper: a server can be a shell script. */
export function isWrapper({ own, hasChildren }: Node): boolean {
  return own.wrapper !== null && (hasChildren || own.wrapper.kind !== 'shell');
}

/** Marks launchers and notes which session ids agents gave to their children. */
export function linkAgents(nodes: readonly Node[]): void {
  for (const node of nodes) {
    const { parent } = node;
    const outer = parent?.own.agent;
    if (parent == null || outer?.match.part !== 'agent') continue;
    const inner = node.own.agent;
    const isLaunched =
      inner !== null &&
      inner.match.part === 'agent' &&
      inner.definition === outer.definition &&
      outer.match.mayLaunch === true;
    if (isLaunched) parent.launches = node;
  }
  for (const node of nodes) noteSessionId(node);
}

/** The session id in a process's environment is its nearest agent's, when that agent is one that hands ids down. */
function noteSessionId(node: Node): void {
  for (let at = node.parent, depth = 1; at !== null && depth < 64; at = at.parent, depth++) {
    if (at.own.agent?.match.part !== 'agent') continue;
    const variable = at.own.agent.definition.sessionVariable;
    const id = variable === null ? undefined : node.row.facts.env[variable];
    if (id === undefined || id === '') return;
    const { startTime } = node.row.sample;
    const seen = at.childSession;
    // A direct child was told by the agent itself; what is deeper may have been told something else. The youngest
    // knows of a `/clear`, which gives the session a new id.
    if (seen === null || depth < seen.depth || (depth === seen.depth && startTime > seen.startTime)) {
      at.childSession = { id, depth, startTime };
    }
    return;
  }
}

/** Whether a terminal, editor, login or supervisor stands above: what it hands down in the environment is not news. */
export function underHost(node: Node): boolean {
  for (let at = node.parent, depth = 0; at !== null && depth < 64; at = at.parent, depth++) {
    // pid 1 adopts every orphan; standing under it says nothing.
    if (at.own.host && !isReaper(at)) return true;
  }
  return false;
}

/** Init and the user's own systemd adopt orphans. */
function isReaper(node: Node): boolean {
  return node.row.sample.pid === 1 || isReaperName(node.own.command.program, node.row.facts.comm);
}

const REAPERS =
  /^(?:systemd|init|launchd|tini|dumb-init|docker-init|catatonit|s6-svscan|runit|containerd-shim.*|conmon|upstart|openrc-init)$/;

export function isReaperName(program: string, comm: string): boolean {
  return REAPERS.test(program) || REAPERS.test(comm);
}
