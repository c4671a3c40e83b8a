import type { GcReport } from '../../sources/gc-agent/index.ts';
import { createWatchSeries, type WatchSeries } from './series.ts';

/** The post-GC figures of one V8 isolate over the run. */
export interface Isolate {
  readonly pid: number;
  readonly threadId: number;
  /** Its process was never seen to be anything else (see `GcReport`). */
  readonly tool: boolean;
  /** Exact floors: full collections that we forced, measured in the same turn. */
  readonly forced: Floors;
  /** Floors of the program's own major collections; what was allocated until they were read is in them. */
  readonly natural: Floors;
  collections: number;
  pauseMs: number;
}

interface Floors {
  readonly live: WatchSeries;
  readonly heap: WatchSeries;
  readonly external: WatchSeries;
  /** RSS of the process that is neither V8's heap nor external memory. Only where the process has one isolate. */
  readonly residual: WatchSeries;
  /** External memory and residual together. */
  readonly outside: WatchSeries;
}

export interface FloorBook {
  note(report: GcReport, elapsedMs: number): void;
  reports(pid: number): boolean;
  readonly isolates: readonly Isolate[];
}

/** More isolates than this in one run are watched by memory alone: their series take some 100 KB each at most. */
const MAX_ISOLATES = 256;

const createFloors = (): Floors => ({
  live: createWatchSeries(0),
  heap: createWatchSeries(0),
  external: createWatchSeries(0),
  residual: createWatchSeries(0),
  outside: createWatchSeries(0),
});

export function createFloorBook(): FloorBook {
  const isolates = new Map<string, Omit<Isolate, 'tool'>>();
  /** What they run: false as soon as one report says so. */
  const tools = new Map<number, boolean>();
  return {
    note(report, elapsedMs) {
      const { pid, threadId, heapUsedBytes, externalBytes, heapTotalBytes, rssBytes, forced } = report;
      const key = `${pid}:${threadId}`;
      let isolate = isolates.get(key);
      if (isolate === undefined) {
        if (isolates.size >= MAX_ISOLATES) return;
        const [exact, own] = [createFloors(), createFloors()];
        isolate = { pid, threadId, forced: exact, natural: own, collections: 0, pauseMs: 0 };
        isolates.set(key, isolate);
      }
      tools.set(pid, report.tool && (tools.get(pid) ?? true));
      isolate.collections += 1;
      isolate.pauseMs += report.pauseMs;
      const floors = forced ? isolate.forced : isolate.natural;
      const live = heapUsedBytes + externalBytes;
      floors.live.push(elapsedMs, live);
      floors.heap.push(elapsedMs, heapUsedBytes);
      floors.external.push(elapsedMs, externalBytes);
      floors.residual.push(elapsedMs, Math.max(0, rssBytes - heapTotalBytes - externalBytes));
      floors.outside.push(elapsedMs, Math.max(0, rssBytes - heapTotalBytes));
    },
    reports: (pid) => tools.has(pid),
    get isolates() {
      return [...isolates.values()].map((isolate) => ({ ...isolate, tool: tools.get(isolate.pid) ?? false }));
    },
  };
}
