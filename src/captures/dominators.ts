import type { HeapGraph } from './heap-graph.ts';

/** How nodes hang on the root: by shortest way, and by what would be freed together. */
export interface Holding {
  /** The node before, on a shortest way from the root; the root's and those of unreachable nodes are their own. */
  readonly parent: Uint32Array;
  /** The edge on that way. */
  readonly parentEdge: Uint32Array;
  /** The nearest node through which every way leads. */
  readonly dominator: Uint32Array;
  /** What would be freed with a node: its own bytes and those of all it dominates. */
  readonly retainedBytes: Float64Array;
  /** Reachable nodes, every one after its dominator. */
  readonly order: Uint32Array;
}

const NONE = 0xffff_ffff;

/** Weak edges hold nothing; shortcuts are a second way of saying what another edge says. */
const isHolding = (type: string | undefined): boolean => type !== 'weak' && type !== 'shortcut';

/** Cooper, Harvey, Kennedy: A Simple, Fast Dominance Algorithm (2001), over the graph in reverse postorder. */
export function holdingOf(graph: HeapGraph): Holding {
  const holds = Uint8Array.from(graph.edgeTypes, (type) => (isHolding(type) ? 1 : 0));
  const { order, rank, parent, parentEdge } = walk(graph, holds);
  const { firstIn, inFrom } = incoming(graph, holds, rank);
  const count = order.length;
  // By rank: rank 0 is the root.
  const dominator = new Uint32Array(count).fill(NONE);
  if (count > 0) dominator[0] = 0;
  for (let changed = true; changed;) {
    changed = false;
    for (let at = 1; at < count; at += 1) {
      let best = NONE;
      const node = order[at] as number;
      for (let edge = firstIn[node] as number; edge < (firstIn[node + 1] as number); edge += 1) {
        const from = rank[inFrom[edge] as number] as number;
        if (dominator[from] === NONE) continue;
        best = best === NONE ? from : meet(dominator, best, from);
      }
      if (best !== dominator[at]) {
        dominator[at] = best;
        changed = true;
      }
    }
  }
  const retainedBytes = Float64Array.from(graph.selfBytes);
  for (let at = count - 1; at > 0; at -= 1) {
    const node = order[at] as number;
    const above = order[dominator[at] as number] as number;
    retainedBytes[above] = (retainedBytes[above] as number) + (retainedBytes[node] as number);
  }
  const byNode = new Uint32Array(graph.nodeCount);
  for (let node = 0; node < graph.nodeCount; node += 1) byNode[node] = node;
  for (let at = 1; at < count; at += 1) byNode[order[at] as number] = order[dominator[at] as number] as number;
  return { parent, parentEdge, dominator: byNode, retainedBytes, order };
}

function meet(dominator: Uint32Array, a: number, b: number): number {
  while (a !== b) {
    while (a > b) a = dominator[a] as number;
    while (b > a) b = dominator[b] as number;
  }
  return a;
}

/** Reverse postorder by depth, and parents by breadth. */
function walk(graph: HeapGraph, holds: Uint8Array) {
  const { nodeCount, firstEdge, edgeType, edgeTo } = graph;
  const parent = new Uint32Array(nodeCount).fill(NONE);
  const parentEdge = new Uint32Array(nodeCount).fill(NONE);
  const queue = new Uint32Array(nodeCount);
  let [head, tail] = [0, nodeCount > 0 ? 1 : 0];
  if (nodeCount > 0) parent[0] = 0;
  while (head < tail) {
    const node = queue[head++] as number;
    for (let edge = firstEdge[node] as number; edge < (firstEdge[node + 1] as number); edge += 1) {
      const to = edgeTo[edge] as number;
      if (holds[edgeType[edge] as number] === 0 || parent[to] !== NONE) continue;
      parent[to] = node;
      parentEdge[to] = edge;
      queue[tail++] = to;
    }
  }
  const order = new Uint32Array(tail);
  const rank = new Uint32Array(nodeCount).fill(NONE);
  const seen = new Uint8Array(nodeCount);
  const stack = new Uint32Array(tail + 1);
  const nextEdge = Uint32Array.from(firstEdge);
  let depth = tail > 0 ? 1 : 0;
  let left = tail;
  seen[0] = 1;
  while (depth > 0) {
    const node = stack[depth - 1] as number;
    const edge = nextEdge[node] as number;
    if (edge < (firstEdge[node + 1] as number)) {
      nextEdge[node] = edge + 1;
      const to = edgeTo[edge] as number;
      if (holds[edgeType[edge] as number] === 0 || seen[to] === 1) continue;
      seen[to] = 1;
      stack[depth++] = to;
    } else {
      depth -= 1;
      order[--left] = node;
      rank[node] = left;
    }
  }
  for (let node = 0; node < nodeCount; node += 1) if (parent[node] === NONE) parent[node] = node;
  return { order, rank, parent, parentEdge };
}

/** Edges turned round, of reachable nodes only. */
function incoming({ nodeCount, firstEdge, edgeType, edgeTo }: HeapGraph, holds: Uint8Array, rank: Uint32Array) {
  const firstIn = new Uint32Array(nodeCount + 1);
  const visit = (take: (from: number, to: number) => void): void => {
    for (let node = 0; node < nodeCount; node += 1) {
      if (rank[node] === NONE) continue;
      for (let edge = firstEdge[node] as number; edge < (firstEdge[node + 1] as number); edge += 1) {
        if (holds[edgeType[edge] as number] === 1) take(node, edgeTo[edge] as number);
      }
    }
  };
  visit((_, to) => (firstIn[to + 1] = (firstIn[to + 1] as number) + 1));
  for (let node = 0; node < nodeCount; node += 1) {
    firstIn[node + 1] = (firstIn[node + 1] as number) + (firstIn[node] as number);
  }
  const inFrom = new Uint32Array(firstIn[nodeCount] as number);
  const next = Uint32Array.from(firstIn);
  visit((from, to) => {
    const at = next[to] as number;
    inFrom[at] = from;
    next[to] = at + 1;
  });
  return { firstIn, inFrom };
}
