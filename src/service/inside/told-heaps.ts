import type { Collection, HeapFigures, Inspector, ObservedProcess, ProcessKey } from '../../model/index.ts';
import type { HeapFloor } from '../leaks/confirm.ts';

/** What was seen of a process's heaps from inside. Sizes in bytes. */
export interface ToldHeap {
  readonly process: ProcessKey;
  readonly heap: NonNullable<ObservedProcess['heap']>;
  /** After a full collection: what it left, over all isolates. */
  readonly floor: HeapFloor | null;
}

/** The last figures of each process that was looked into. */
export interface HeapMemory {
  readonly seen: ReadonlyMap<ProcessKey, ToldHeap['heap']>;
  keep(told: ToldHeap): void;
}

/** 2 KB each; who has ended is never asked for again, since a key holds the start time. */
const MAX_KEPT = 256;

export function createHeapMemory(): HeapMemory {
  const seen = new Map<ProcessKey, ToldHeap['heap']>();
  return {
    seen,
    keep({ process, heap }) {
      // Taken out first, so that the order is that of the last look and the oldest goes first.
      seen.delete(process);
      seen.set(process, heap);
      const [oldest] = seen.keys();
      if (seen.size > MAX_KEPT && oldest !== undefined) seen.delete(oldest);
    },
  };
}

/** The same inspector, and whoever uses it: what they see of heaps is told, so that it is known to all parts. */
export function tellHeaps(inspector: Inspector, nowMs: () => number, tell: (told: ToldHeap) => void): Inspector {
  return {
    ...inspector,
    attach: (process, work, onClosed) =>
      inspector.attach(
        process,
        (open) => {
          const key: ProcessKey = `${process.pid}:${process.startTime}`;
          const main = (heaps: readonly HeapFigures[], isAfterGc: boolean) => {
            const heap = heaps.find(({ threadId }) => threadId === 0);
            return heap === undefined ? null : { ...heap, atMs: nowMs(), isAfterGc };
          };
          return work({
            ...open,
            heaps: async () => {
              const heaps = await open.heaps();
              const heap = main(heaps, false);
              if (heap !== null) tell({ process: key, heap, floor: null });
              return heaps;
            },
            collect: async () => {
              const collection = await open.collect();
              const heap = main(collection.after, true);
              const floor = {
                atMs: nowMs(),
                heapUsedBeforeBytes: used(collection.before),
                heapUsedAfterBytes: used(collection.after),
                externalBytes: heap?.externalBytes ?? null,
                nativeBytes: native(collection),
              };
              if (heap !== null) tell({ process: key, heap, floor });
              return collection;
            },
          });
        },
        onClosed,
      ),
  };
}

const used = (heaps: readonly HeapFigures[]): number => heaps.reduce((sum, { usedBytes }) => sum + usedBytes, 0);

/** What is neither V8's nor hangs on it. Untouched pages of Buffers make it too small; they do so at each floor. */
function native({ after, rssAfterBytes }: Collection): number | null {
  let bytes = rssAfterBytes;
  for (const { physicalBytes, externalBytes } of after) {
    if (physicalBytes === null || externalBytes === null) return null;
    bytes -= physicalBytes + externalBytes;
  }
  return bytes;
}
