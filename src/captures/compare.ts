import type { ConstructorGrowth } from '../model/index.ts';
import { redactText, sanitise } from '../untrusted/index.ts';
import { holdingOf, type Holding } from './dominators.ts';
import type { HeapGraph } from './heap-graph.ts';

/** More than that nobody reads. */
const MAX_ROWS = 20;
/** New instances whose way to the root is looked at; the most frequent way of these is told. */
const MAX_SAMPLED = 500;
/** Ways are longer, but what holds an object stands near it. */
const MAX_STEPS = 10;

interface ClassSum {
  readonly name: string;
  count: number;
  bytes: number;
  retainedBytes: number;
}

/** What is needed of the first snapshot while the second one is read: a few MB, not the graph. */
export interface Before {
  readonly sums: ReadonlyMap<string, ClassSum>;
  readonly ids: ReadonlySet<number>;
}

export function summarise(graph: HeapGraph): Before {
  const holding = holdingOf(graph);
  const ids = new Set<number>();
  for (const node of holding.order) ids.add(graph.id[node] as number);
  return { sums: sumsOf(graph, holding), ids };
}

/** Constructors by growth of what their instances keep alive, each with the way that holds most of the new ones. */
export function compare(before: Before, graph: HeapGraph): readonly ConstructorGrowth[] {
  const holding = holdingOf(graph);
  const rows = [...sumsOf(graph, holding)].map(([key, after]) => {
    const old = before.sums.get(key) ?? { name: after.name, count: 0, bytes: 0, retainedBytes: 0 };
    return { key, after, old, growth: after.bytes - old.bytes, retained: after.retainedBytes - old.retainedBytes };
  });
  const grown = rows
    .filter(({ growth, retained, after, old }) => growth > 0 || (retained > 0 && after.count > old.count))
    .sort((a, b) => Number(isInner(a.key)) - Number(isInner(b.key)) || b.retained - a.retained || b.growth - a.growth)
    .slice(0, MAX_ROWS);
  const ways = waysOf(new Set(grown.map(({ key }) => key)), before.ids, graph, holding);
  return grown.map(({ key, after, old, retained }) => ({
    constructorName: redactText(sanitise(after.name, 100)),
    countBefore: old.count,
    countAfter: after.count,
    bytesBefore: old.bytes,
    bytesAfter: after.bytes,
    retainedGrowthBytes: retained,
    retainers: ways.get(key) ?? [],
  }));
}

/** Instances of one class that hang below another of the same class are counted once, with the upper one. */
function sumsOf(graph: HeapGraph, { order, dominator, retainedBytes }: Holding): Map<string, ClassSum> {
  const sums = new Map<string, ClassSum>();
  for (const node of order) {
    const key = classOf(graph, node);
    const sum = sums.get(key) ?? { name: key, count: 0, bytes: 0, retainedBytes: 0 };
    sums.set(key, sum);
    sum.count += 1;
    sum.bytes += graph.selfBytes[node] as number;
    const above = dominator[node] as number;
    if (above === node || classOf(graph, above) !== key) sum.retainedBytes += retainedBytes[node] as number;
  }
  return sums;
}

/** Strings, arrays, code: they grow with what holds them, so the program's own classes come first. */
const isInner = (name: string): boolean => name.startsWith('(');

/** As the DevTools name them: objects by their constructor, the rest by what they are. */
function classOf(graph: HeapGraph, node: number): string {
  const type = graph.nodeTypes[graph.type[node] as number] ?? 'unknown';
  if (type === 'object' || type === 'native') return graph.strings[graph.name[node] as number] ?? '(object)';
  if (type === 'code') return '(compiled code)';
  return `(${type})`;
}

function waysOf(
  classes: ReadonlySet<string>,
  known: ReadonlySet<number>,
  graph: HeapGraph,
  holding: Holding,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Map<string, { readonly steps: readonly string[]; count: number }>>();
  const sampled = new Map<string, number>();
  // From the end: what is newest stands there as a rule.
  for (let at = graph.nodeCount - 1; at > 0; at -= 1) {
    const key = classOf(graph, at);
    if (!classes.has(key) || holding.parent[at] === at || known.has(graph.id[at] as number)) continue;
    const seen = sampled.get(key) ?? 0;
    if (seen >= MAX_SAMPLED) continue;
    sampled.set(key, seen + 1);
    const steps = wayOf(graph, holding, at);
    const ways = found.get(key) ?? new Map<string, { steps: readonly string[]; count: number }>();
    found.set(key, ways);
    const text = steps.join('\n');
    const way = ways.get(text) ?? { steps, count: 0 };
    ways.set(text, way);
    way.count += 1;
  }
  return new Map(
    [...found].map(([key, ways]) => [key, [...ways.values()].sort((a, b) => b.count - a.count)[0]?.steps ?? []]),
  );
}

/** `listeners in EventEmitter`, `[] in Array`, up to a root. */
function wayOf(graph: HeapGraph, { parent, parentEdge }: Holding, from: number): string[] {
  const steps: string[] = [];
  for (let node = from; steps.length < MAX_STEPS && parent[node] !== node; node = parent[node] as number) {
    const holder = parent[node] as number;
    if (holder === 0) break;
    steps.push(`${edgeText(graph, parentEdge[node] as number)} in ${holderText(graph, holder)}`);
  }
  return steps;
}

function edgeText({ edgeType, edgeTypes, edgeName, strings }: HeapGraph, edge: number): string {
  const type = edgeTypes[edgeType[edge] as number];
  if (type === 'element' || type === 'hidden') return '[]';
  // Names of properties may be data (a cache keyed by user): numbers become one, the rest is cleaned.
  const name = strings[edgeName[edge] as number] ?? '';
  return redactText(sanitise(name.replaceAll(/\d+/g, '#'), 60)) || '[]';
}

function holderText(graph: HeapGraph, node: number): string {
  const type = graph.nodeTypes[graph.type[node] as number];
  const name = redactText(sanitise(graph.strings[graph.name[node] as number] ?? '', 60));
  if (type === 'closure') return `${name || 'an anonymous function'}()`;
  if (type === 'synthetic') return name;
  return type === 'object' || type === 'native' ? name || 'an object' : `${name || type} (${type})`;
}
