import type { ProcessReport } from '../../../model/index.ts';

/** One row of a session's tree: a process with what it stands for. */
export interface TreeNode {
  readonly process: ProcessReport;
  /** npx, sh and launchers above a server that exist only to start it: its wrapper tax. */
  readonly wrappers: readonly ProcessReport[];
  readonly children: readonly TreeNode[];
}

/** PSS + swap where the kernel was asked, else RSS as an upper bound. */
export interface Memory {
  readonly bytes: number;
  readonly exact: boolean;
}

export function memoryOf(process: ProcessReport): Memory {
  if (process.pssBytes === null) return { bytes: process.rssBytes, exact: false };
  return { bytes: process.pssBytes + (process.swapBytes ?? 0), exact: true };
}

export function sumMemory(parts: readonly Memory[]): Memory {
  return {
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    exact: parts.every(({ exact }) => exact),
  };
}

/** A node without its children: the process and its wrappers. */
export function nodeMemory(node: TreeNode): Memory {
  return sumMemory([node.process, ...node.wrappers].map(memoryOf));
}

/**
 * The processes as trees by parentage, heaviest first. A chain of wrappers with nothing but one server below it
 * becomes part of that server's row; a wrapper that does anything else keeps its own.
 */
export function buildTree(processes: readonly ProcessReport[]): TreeNode[] {
  const byPid = new Map(processes.map((process) => [process.pid, process]));
  const children = new Map<ProcessReport, ProcessReport[]>();
  const roots: ProcessReport[] = [];
  for (const process of processes) {
    const parent = byPid.get(process.ppid);
    // A parent that started later is another process with a reused pid.
    if (parent === undefined || parent === process || parent.startTime > process.startTime) roots.push(process);
    else {
      const siblings = children.get(parent);
      if (siblings === undefined) children.set(parent, [process]);
      else siblings.push(process);
    }
  }
  const drawn = new Set<ProcessReport>();
  const draw = (head: ProcessReport): TreeNode => {
    const { wrappers, core } = serverChain(head, children);
    for (const part of [...wrappers, core]) drawn.add(part);
    const below = (children.get(core) ?? []).filter((child) => !drawn.has(child));
    return { process: core, wrappers, children: heaviestFirst(below.map(draw)) };
  };
  const trees = roots.map(draw);
  // Parents that name each other (figures from two moments) are reachable from no root: no row may get lost.
  for (const process of processes) if (!drawn.has(process)) trees.push(draw(process));
  return heaviestFirst(trees);
}

/** Every process of a tree. */
export function processesOf(node: TreeNode): ProcessReport[] {
  return [...node.wrappers, node.process, ...node.children.flatMap(processesOf)];
}

/** From so many on a list of the same is noise: codex left 1,300 zombies (codex#12491), vitest forks 23 at a time. */
const MANY = 4;

export type NodeGroup = readonly [TreeNode, ...TreeNode[]];

/** Siblings that differ in nothing but their pids, together; what has children of its own stands alone. */
export function alike(nodes: readonly TreeNode[]): NodeGroup[] {
  const groups = new Map<string, [TreeNode, ...TreeNode[]]>();
  for (const node of nodes) {
    const { role, name, serverName, verdict, sessionId } = node.process;
    const same = [role, name, serverName, verdict, sessionId, node.wrappers.length];
    const key = JSON.stringify(node.children.length > 0 ? [...same, node.process.id] : same);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [node]);
    else group.push(node);
  }
  return [...groups.values()].flatMap((group): NodeGroup[] =>
    group.length < MANY ? group.map((node) => [node]) : [group],
  );
}

/** Follows wrappers down while each has one child; only a chain that ends in a server is folded into it. */
function serverChain(
  head: ProcessReport,
  children: ReadonlyMap<ProcessReport, readonly ProcessReport[]>,
): { wrappers: readonly ProcessReport[]; core: ProcessReport } {
  const wrappers: ProcessReport[] = [];
  let at = head;
  while (at.role === 'wrapper' && !wrappers.includes(at)) {
    const below = children.get(at) ?? [];
    wrappers.push(at);
    if (below.length !== 1 || below[0] === undefined) return { wrappers: [], core: head };
    at = below[0];
  }
  return at.role === 'server' ? { wrappers, core: at } : { wrappers: [], core: head };
}

const ROLE_ORDER = { agent: 0, server: 1, wrapper: 1, tool: 2, other: 3 } as const;

function heaviestFirst(nodes: readonly TreeNode[]): TreeNode[] {
  return nodes.toSorted(
    (a, b) => ROLE_ORDER[a.process.role] - ROLE_ORDER[b.process.role] || nodeMemory(b).bytes - nodeMemory(a).bytes,
  );
}
