/** A V8 heap snapshot as a graph in flat arrays: about 25 bytes a node and 9 an edge. */
export interface HeapGraph {
  readonly nodeCount: number;
  /** Index into `nodeTypes`. */
  readonly type: Uint8Array;
  /** Index into `strings`. */
  readonly name: Uint32Array;
  /** The same object has the same id in every snapshot of its process. */
  readonly id: Float64Array;
  readonly selfBytes: Float64Array;
  /** First edge of each node; one more at the end. */
  readonly firstEdge: Uint32Array;
  /** Index into `edgeTypes`. */
  readonly edgeType: Uint8Array;
  /** Index into `strings`, or for 'element' and 'hidden' edges the index itself. */
  readonly edgeName: Uint32Array;
  /** Index of a node. */
  readonly edgeTo: Uint32Array;
  readonly nodeTypes: readonly string[];
  readonly edgeTypes: readonly string[];
  readonly strings: readonly string[];
}

/** Fields and counts from the head of a snapshot. */
interface Meta {
  readonly nodeFields: readonly string[];
  readonly nodeTypes: readonly string[];
  readonly edgeFields: readonly string[];
  readonly edgeTypes: readonly string[];
  readonly nodeCount: number;
  readonly edgeCount: number;
}

/** The head is 2 KB; what is longer is no snapshot. */
const MAX_HEAD = 64 * 1024;
/** Names are shorter; contents of strings are cut. */
const MAX_STRING = 200;
/** 100 million nodes and edges would be more than this may use anyway. */
const MAX_COUNT = 400_000_000;

const [ZERO, NINE, MINUS, QUOTE, BACKSLASH, CLOSE] = [48, 57, 45, 34, 92, 93];

/**
 * Reads the format of `HeapProfiler.takeHeapSnapshot` piece by piece: a snapshot of 2 GB of text must not be one string
 * (V8's limit is 512 MB). It knows only what it needs: the head, the two arrays of numbers, and the strings at the end.
 */
export async function readHeapGraph(pieces: AsyncIterable<Buffer>): Promise<HeapGraph> {
  const reader = createByteReader(pieces);
  const meta = metaOf(await reader.textUntil('"nodes":[', MAX_HEAD));
  const width = meta.nodeFields.length;
  const column = (name: string): number => {
    const at = meta.nodeFields.indexOf(name);
    if (at < 0) throw new Error(`the snapshot has no field ${name}`);
    return at;
  };
  const [typeAt, nameAt, idAt, selfAt, edgesAt] = ['type', 'name', 'id', 'self_size', 'edge_count'].map(column);
  const count = meta.nodeCount;
  const type = new Uint8Array(count);
  const name = new Uint32Array(count);
  const id = new Float64Array(count);
  const selfBytes = new Float64Array(count);
  const firstEdge = new Uint32Array(count + 1);
  await reader.numbers(count * width, (value, index) => {
    const at = index % width;
    const node = (index - at) / width;
    if (at === typeAt) type[node] = value;
    else if (at === nameAt) name[node] = value;
    else if (at === idAt) id[node] = value;
    else if (at === selfAt) selfBytes[node] = value;
    else if (at === edgesAt) firstEdge[node + 1] = (firstEdge[node] ?? 0) + value;
  });
  await reader.textUntil('"edges":[', MAX_HEAD);
  const edgeWidth = meta.edgeFields.length;
  const edgeType = new Uint8Array(meta.edgeCount);
  const edgeName = new Uint32Array(meta.edgeCount);
  const edgeTo = new Uint32Array(meta.edgeCount);
  await reader.numbers(meta.edgeCount * edgeWidth, (value, index) => {
    const at = index % edgeWidth;
    const edge = (index - at) / edgeWidth;
    if (at === 0) edgeType[edge] = value;
    else if (at === 1) edgeName[edge] = value;
    else if (at === 2) edgeTo[edge] = value / width;
  });
  await reader.textUntil('"strings":[', Number.POSITIVE_INFINITY);
  const strings = await reader.strings();
  const { nodeTypes, edgeTypes } = meta;
  return {
    nodeCount: count,
    type,
    name,
    id,
    selfBytes,
    firstEdge,
    edgeType,
    edgeName,
    edgeTo,
    nodeTypes,
    edgeTypes,
    strings,
  };
}

function metaOf(head: string): Meta {
  const text = `${head.slice(0, head.lastIndexOf('"nodes":[')).replace(/,\s*$/, '')}}`;
  const { snapshot } = JSON.parse(text) as {
    snapshot: {
      meta: { node_fields: string[]; node_types: [string[]]; edge_fields: string[]; edge_types: [string[]] };
      node_count: number;
      edge_count: number;
    };
  };
  const { meta, node_count: nodeCount, edge_count: edgeCount } = snapshot;
  if (!(nodeCount >= 0 && nodeCount < MAX_COUNT && edgeCount >= 0 && edgeCount < MAX_COUNT)) {
    throw new Error('the snapshot names no plausible size');
  }
  return {
    nodeFields: meta.node_fields,
    nodeTypes: meta.node_types[0],
    edgeFields: meta.edge_fields,
    edgeTypes: meta.edge_types[0],
    nodeCount,
    edgeCount,
  };
}

interface ByteReader {
  textUntil(mark: string, maxLength: number): Promise<string>;
  /** So many numbers of an array, and its end. */
  numbers(count: number, take: (value: number, index: number) => void): Promise<void>;
  strings(): Promise<string[]>;
}

function createByteReader(pieces: AsyncIterable<Buffer>): ByteReader {
  const source = pieces[Symbol.asyncIterator]();
  let bytes: Buffer = Buffer.alloc(0);
  let at = 0;

  const more = async (): Promise<boolean> => {
    const next = await source.next();
    if (next.done === true) return false;
    bytes = next.value;
    at = 0;
    return true;
  };
  const need = async (): Promise<void> => {
    if (!(await more())) throw new Error('the snapshot is torn');
  };

  return {
    async textUntil(mark, maxLength) {
      let text = '';
      for (;;) {
        const rest = bytes.subarray(at).toString('latin1');
        const from = Math.max(0, text.length - mark.length);
        text += rest;
        const found = text.indexOf(mark, from);
        if (found >= 0) {
          at += rest.length - (text.length - found - mark.length);
          return text.slice(0, found + mark.length);
        }
        if (text.length > maxLength) throw new Error('this is no heap snapshot');
        // Only the end can hold the beginning of the mark.
        if (maxLength === Number.POSITIVE_INFINITY) text = text.slice(-mark.length);
        await need();
      }
    },
    async numbers(count, take) {
      let index = 0;
      let value = 0;
      let inside = false;
      let sign = 1;
      for (;;) {
        for (; at < bytes.length; at += 1) {
          const byte = bytes[at] as number;
          if (byte >= ZERO && byte <= NINE) {
            value = value * 10 + byte - ZERO;
            inside = true;
          } else if (byte === MINUS) sign = -1;
          else {
            if (inside) {
              if (index < count) take(value * sign, index);
              index += 1;
              value = 0;
              sign = 1;
              inside = false;
            }
            if (byte === CLOSE) {
              at += 1;
              if (index !== count) throw new Error('the snapshot is torn');
              return;
            }
          }
        }
        await need();
      }
    },
    async strings() {
      const found: string[] = [];
      let raw: number[] = [];
      let inside = false;
      let escaped = false;
      for (;;) {
        for (; at < bytes.length; at += 1) {
          const byte = bytes[at] as number;
          if (!inside) {
            if (byte === QUOTE) inside = true;
            else if (byte === CLOSE) return found;
          } else if (escaped) {
            escaped = false;
            raw.push(byte);
          } else if (byte === QUOTE) {
            inside = false;
            found.push(unquote(raw));
            raw = [];
          } else {
            escaped = byte === BACKSLASH;
            raw.push(byte);
          }
        }
        await need();
      }
    },
  };
}

function unquote(raw: readonly number[]): string {
  // An escape or a character that is cut in two would not parse: cut, and try a little shorter.
  for (let length = Math.min(raw.length, MAX_STRING); length > MAX_STRING - 8 || length === raw.length; length -= 1) {
    try {
      return JSON.parse(`"${Buffer.from(raw.slice(0, length)).toString('utf8')}"`) as string;
    } catch {
      if (length <= 0) break;
    }
  }
  return '';
}
