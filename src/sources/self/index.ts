import { type PerformanceEntry, PerformanceObserver, constants, performance } from 'node:perf_hooks';
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';
import type { Clock } from '../../model/index.ts';

export type GcKind = 'minor' | 'major' | 'incremental' | 'weak-callbacks' | 'unknown';

/** One collection of this process's own V8 heap. */
export interface GcEvent {
  /** Start, ms since the epoch. */
  readonly atMs: number;
  readonly kind: GcKind;
  /** How long V8 reported it, ms. */
  readonly pauseMs: number;
  /**
   * Heap in use soon after a major collection: the live set, plus what was allocated until the event loop told us. Null
   * for other kinds, and where several collections were told of at once and the heap has moved on since.
   */
  readonly heapUsedAfterBytes: number | null;
}

export interface HeapSpace {
  readonly name: string;
  /** Reserved, in use, free for allocation, and really backed by memory. */
  readonly sizeBytes: number;
  readonly usedBytes: number;
  readonly availableBytes: number;
  readonly physicalBytes: number;
}

/** The memory of this very process, as only it can see it. */
export interface SelfSample {
  readonly atMs: number;
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
  readonly heapTotalBytes: number;
  /** What V8 will not grow beyond. */
  readonly heapLimitBytes: number;
  readonly externalBytes: number;
  readonly arrayBuffersBytes: number;
  /** V8's own malloc: parser, compiler, zones. */
  readonly mallocedBytes: number;
  readonly spaces: readonly HeapSpace[];
  /** Collections since the start of this source, and what they cost in sum. */
  readonly gcCount: number;
  readonly gcPauseMs: number;
  /** Newest live set after a major collection; null until one has run. A floor that keeps rising is a leak. */
  readonly heapUsedAfterMajorGcBytes: number | null;
}

export interface SelfSource {
  sample(): SelfSample;
  /** The latest collections, oldest first; at most `maxEvents`. */
  events(): readonly GcEvent[];
  close(): void;
}

export interface SelfSourceOptions {
  readonly clock: Clock;
  /** Collections to remember: memory is bounded whatever the load. */
  readonly maxEvents?: number | undefined;
}

const KINDS: ReadonlyMap<number, GcKind> = new Map([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weak-callbacks'],
]);

/** Watches the heap of the process it runs in. It keeps neither the process alive nor more than `maxEvents` events. */
export function createSelfSource({ clock, maxEvents = 256 }: SelfSourceOptions): SelfSource {
  let events: GcEvent[] = [];
  let gcCount = 0;
  let gcPauseMs = 0;
  let floorBytes: number | null = null;
  const observer = new PerformanceObserver((list) => note(list.getEntries()));
  observer.observe({ entryTypes: ['gc'] });

  function note(entries: readonly PerformanceEntry[]): void {
    const newest = entries.findLastIndex((entry) => kindOf(entry) === 'major');
    entries.forEach((entry, index) => {
      gcCount += 1;
      gcPauseMs += entry.duration;
      const after = index === newest ? getHeapStatistics().used_heap_size : null;
      if (after !== null) floorBytes = after;
      // performance.now() and the entry share a clock; the wall clock may have been set since the start.
      const atMs = clock.nowMs() - (performance.now() - entry.startTime);
      events.push({ atMs, kind: kindOf(entry), pauseMs: entry.duration, heapUsedAfterBytes: after });
    });
    if (events.length > maxEvents * 2) events = events.slice(-maxEvents);
  }

  return {
    sample() {
      const heap = getHeapStatistics();
      const { rss, arrayBuffers } = process.memoryUsage();
      return {
        atMs: clock.nowMs(),
        rssBytes: rss,
        heapUsedBytes: heap.used_heap_size,
        heapTotalBytes: heap.total_heap_size,
        heapLimitBytes: heap.heap_size_limit,
        externalBytes: heap.external_memory,
        arrayBuffersBytes: arrayBuffers,
        mallocedBytes: heap.malloced_memory,
        spaces: heapSpaces(),
        gcCount,
        gcPauseMs,
        heapUsedAfterMajorGcBytes: floorBytes,
      };
    },
    events: () => events.slice(-maxEvents),
    close() {
      observer.disconnect();
      events = [];
    },
  };
}

function heapSpaces(): HeapSpace[] {
  return getHeapSpaceStatistics().map((space) => ({
    name: space.space_name,
    sizeBytes: space.space_size,
    usedBytes: space.space_used_size,
    availableBytes: space.space_available_size,
    physicalBytes: space.physical_space_size,
  }));
}

function kindOf(entry: PerformanceEntry): GcKind {
  const { detail } = entry as PerformanceEntry & { readonly detail?: { readonly kind?: number } };
  return KINDS.get(detail?.kind ?? -1) ?? 'unknown';
}
