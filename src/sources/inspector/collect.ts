import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Collection, HeapFigures } from '../../model/index.ts';
import type { Cdp } from './cdp.ts';
import { heapOf } from './heaps.ts';
import type { WorkerTalk } from './workers.ts';

/** A full collection of a heap of several GB takes seconds. */
const COLLECT_TIMEOUT_MS = 120_000;
/** V8 gives pages back on a thread of its own, right after the collection: until nothing changes, at most this long. */
const SETTLE_MS = 300;
const SETTLE_POLL_MS = 20;
/** Unchanged over three readings. */
const SETTLED_READINGS = 3;
/** A worker that is busy in one long call is left out. */
const WORKER_TIMEOUT_MS = 1_500;

export interface Isolates {
  readonly main: Cdp;
  readonly workers: readonly WorkerTalk[];
}

/** The main thread's heap and those of the workers that answer. */
export async function readHeaps({ main, workers }: Isolates): Promise<readonly HeapFigures[]> {
  const own = await heapOf(main, 'main');
  const others = await Promise.all(
    workers.map(({ cdp, name }) => heapOf(cdp, name, WORKER_TIMEOUT_MS).catch(() => null)),
  );
  return [own, ...others.filter((heap) => heap !== null)];
}

/** Forces a full collection in every isolate: V8 collects until nothing more falls, and compacts. */
export async function collectAll(isolates: Isolates, clock: Clock, rssBytes: () => number): Promise<Collection> {
  const rssBeforeBytes = rssBytes();
  const before = await readHeaps(isolates);
  const fromMs = clock.monotonicMs();
  await isolates.main.send('HeapProfiler.collectGarbage', {}, COLLECT_TIMEOUT_MS);
  const pauseMs = clock.monotonicMs() - fromMs;
  const answering = new Set(before.map(({ name }) => name));
  await Promise.all(
    isolates.workers
      .filter(({ name }) => answering.has(name))
      .map(({ cdp }) => cdp.send('HeapProfiler.collectGarbage', {}, COLLECT_TIMEOUT_MS).catch(() => undefined)),
  );
  const after = await readHeaps(isolates);
  return {
    before,
    after,
    freedBytes: freed(before, after),
    rssBeforeBytes,
    rssAfterBytes: await settled(clock, rssBytes),
    pauseMs: Math.round(pauseMs),
  };
}

/** Over the isolates that are in both, so that a worker that ended meanwhile is no gain. Never below zero. */
function freed(before: readonly HeapFigures[], after: readonly HeapFigures[]): number {
  const live = new Map(after.map((heap) => [heap.threadId, held(heap)]));
  const gain = before.reduce((sum, heap) => sum + held(heap) - (live.get(heap.threadId) ?? held(heap)), 0);
  return Math.max(0, gain);
}

/** Heap and what hangs on it outside: a Buffer frees its backing store with its little object. */
const held = ({ usedBytes, externalBytes }: HeapFigures): number => usedBytes + (externalBytes ?? 0);

async function settled(clock: Clock, rssBytes: () => number): Promise<number> {
  const untilMs = clock.monotonicMs() + SETTLE_MS;
  let last = rssBytes();
  for (let same = 1; same < SETTLED_READINGS && clock.monotonicMs() < untilMs;) {
    await sleep(SETTLE_POLL_MS);
    const now = rssBytes();
    same = now === last ? same + 1 : 1;
    last = now;
  }
  return last;
}
