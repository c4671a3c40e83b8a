import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import type { ConstructorGrowth } from '../model/index.ts';
import { compare, summarise } from './compare.ts';
import { readHeapGraph, type HeapGraph } from './heap-graph.ts';

const readGraph = (path: string): Promise<HeapGraph> =>
  readHeapGraph(createReadStream(path).pipe(createGunzip()) as AsyncIterable<Buffer>);

/** Two snapshot files of ours, one after the other: only one graph is in memory at a time. */
export async function compareFiles(before: string, after: string): Promise<readonly ConstructorGrowth[]> {
  const known = summarise(await readGraph(before));
  return compare(known, await readGraph(after));
}
