import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare, summarise } from '../../../src/captures/compare.ts';
import { holdingOf } from '../../../src/captures/dominators.ts';
import { readHeapGraph } from '../../../src/captures/heap-graph.ts';

interface PlainNode {
  readonly type?: string;
  readonly name: string;
  readonly id: number;
  readonly bytes: number;
  readonly edges: readonly { readonly to: number; readonly name?: string; readonly type?: string }[];
}

const NODE_TYPES = ['hidden', 'array', 'string', 'object', 'code', 'closure', 'synthetic'];
const EDGE_TYPES = ['context', 'element', 'property', 'internal', 'hidden', 'shortcut', 'weak'];
const WIDTH = 7;

/** As V8 writes it. */
function snapshotText(nodes: readonly PlainNode[]): string {
  const strings = ['', 'long "quoted" \\ text with "strings":[ and ] inside', 'é😀'];
  const text = (value: string): number => {
    if (!strings.includes(value)) strings.push(value);
    return strings.indexOf(value);
  };
  const rows = nodes.map(({ type = 'object', name, id, bytes, edges }) =>
    [NODE_TYPES.indexOf(type), text(name), id, bytes, edges.length, 0, 0].join(','),
  );
  const edges = nodes.flatMap((node) =>
    node.edges.map(({ to, name, type = name === undefined ? 'element' : 'property' }) =>
      [EDGE_TYPES.indexOf(type), name === undefined ? 3 : text(name), to * WIDTH].join(','),
    ),
  );
  const meta = {
    node_fields: ['type', 'name', 'id', 'self_size', 'edge_count', 'trace_node_id', 'detachedness'],
    node_types: [NODE_TYPES, 'string', 'number', 'number', 'number', 'number', 'number'],
    edge_fields: ['type', 'name_or_index', 'to_node'],
    edge_types: [EDGE_TYPES, 'string_or_number', 'node'],
  };
  const head = { meta, node_count: rows.length, edge_count: edges.length, trace_function_count: 0 };
  return `{"snapshot":${JSON.stringify(head)},\n"nodes":[${rows.join('\n,')}],\n"edges":[${edges.join('\n,')}],\n"trace_function_infos":[],\n"locations":[0,1,2],\n"strings":[${strings.map((one) => JSON.stringify(one)).join(',\n')}]}`;
}

async function* pieces(text: string, size: number): AsyncIterable<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const graphOf = (nodes: readonly PlainNode[], size = 1_000) => readHeapGraph(pieces(snapshotText(nodes), size));

const ROOT: PlainNode = { type: 'synthetic', name: '(GC roots)', id: 1, bytes: 0, edges: [{ to: 1 }] };

describe('reading a heap snapshot', () => {
  it.each([1, 2, 7, 64, 100_000])('in pieces of %d bytes', async (size) => {
    const graph = await graphOf([ROOT, { name: 'é😀', id: 3, bytes: 40, edges: [] }], size);
    expect(graph.nodeCount).toBe(2);
    expect([...graph.id]).toEqual([1, 3]);
    expect([...graph.selfBytes]).toEqual([0, 40]);
    expect([...graph.firstEdge]).toEqual([0, 1, 1]);
    expect([...graph.edgeTo]).toEqual([1]);
    expect(graph.strings[1]).toBe('long "quoted" \\ text with "strings":[ and ] inside');
    expect(graph.strings[graph.name[1] ?? 0]).toBe('é😀');
  });

  it('refuses what is torn, and what is none', async () => {
    const whole = snapshotText([ROOT, { name: 'A', id: 3, bytes: 40, edges: [] }]);
    for (const cut of [10, whole.indexOf('"nodes"') + 20, whole.indexOf('"edges"') + 12, whole.length - 20]) {
      await expect(readHeapGraph(pieces(whole.slice(0, cut), 100))).rejects.toThrow(
        /torn|no heap snapshot|JSON|Unexpected|Expected|Unterminated/,
      );
    }
    await expect(readHeapGraph(pieces('x'.repeat(200_000), 1_000))).rejects.toThrow(/no heap snapshot/);
  });
});

describe('what holds what', () => {
  it('agrees with the definition of dominance on random graphs', async () => {
    const graphs = fc
      .integer({ min: 1, max: 14 })
      .chain((count) =>
        fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 40 }).map((edges) => ({ count, edges })),
      );
    await fc.assert(
      fc.asyncProperty(graphs, async ({ count, edges }) => {
        const nodes = Array.from({ length: count }, (_, at) => ({
          name: 'N',
          id: at + 1,
          bytes: 2 ** at,
          edges: edges.filter(([from]) => from === at).map(([, to]) => ({ to })),
        }));
        const { dominator, retainedBytes, order } = holdingOf(await graphOf(nodes));
        const reach = (without: number | null): Set<number> => {
          const seen = new Set<number>(without === 0 ? [] : [0]);
          const waiting = [...seen];
          for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
            for (const { to } of nodes[at]?.edges ?? []) {
              if (to === without || seen.has(to)) continue;
              seen.add(to);
              waiting.push(to);
            }
          }
          return seen;
        };
        const all = reach(null);
        expect(new Set(order)).toEqual(all);
        for (const node of all) {
          // What cannot be reached without a node is freed with it.
          const left = reach(node);
          const held = [...all].filter((other) => !left.has(other));
          expect(retainedBytes[node]).toBe(held.reduce((sum, other) => sum + 2 ** other, 0));
          expect(node === 0 || left.has(dominator[node] as number)).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('does not follow weak edges', async () => {
    const graph = await graphOf([
      { ...ROOT, edges: [{ to: 1 }, { to: 2, name: 'w', type: 'weak' }] },
      { name: 'Held', id: 3, bytes: 8, edges: [] },
      { name: 'Free', id: 5, bytes: 8, edges: [] },
    ]);
    expect([...holdingOf(graph).order].toSorted((a, b) => a - b)).toEqual([0, 1]);
  });
});

describe('comparing two snapshots', () => {
  const heap = (sessions: number): PlainNode[] => [
    ROOT,
    { name: 'Registry', id: 3, bytes: 16, edges: [{ to: 2, name: 'sessions' }] },
    {
      name: 'Map',
      id: 5,
      bytes: 32,
      edges: Array.from({ length: sessions }, (_, i) => ({ to: 3 + 2 * i, name: `user-${i}` })),
    },
    ...Array.from({ length: sessions }, (_, i): PlainNode[] => [
      { name: 'Session', id: 101 + 4 * i, bytes: 40, edges: [{ to: 4 + 2 * i, name: 'data' }] },
      { type: 'array', name: '', id: 103 + 4 * i, bytes: 200, edges: [] },
    ]).flat(),
  ];

  it('names the class that grew, what it keeps, and what holds the new ones', async () => {
    const rows = compare(summarise(await graphOf(heap(10))), await graphOf(heap(25)));
    expect(rows[0]).toEqual({
      constructorName: 'Session',
      countBefore: 10,
      countAfter: 25,
      bytesBefore: 400,
      bytesAfter: 1_000,
      retainedGrowthBytes: 15 * 240,
      retainers: ['user-# in Map', 'sessions in Registry'],
    });
    expect(rows[1]).toMatchObject({ constructorName: '(array)', bytesAfter: 5_000 });
    expect(rows).toHaveLength(2);
  });

  it('says nothing where nothing grew', async () => {
    expect(compare(summarise(await graphOf(heap(10))), await graphOf(heap(10)))).toEqual([]);
    expect(compare(summarise(await graphOf(heap(25))), await graphOf(heap(10)))).toEqual([]);
  });
});
