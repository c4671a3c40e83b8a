import type { Clock, OpenInspector } from '../../model/index.ts';
import { collectAll, readHeaps, type Isolates } from './collect.ts';
import { culpritsOf } from './culprits.ts';
import type { Door } from './door.ts';
import { watchCollections } from './gc-window.ts';
import { sampleHeap } from './sampling.ts';
import { takeSnapshot } from './snapshot.ts';
import { openWorkers } from './workers.ts';

export interface OpenDeps {
  readonly clock: Clock;
  readonly door: Door;
  readonly rssBytes: () => number;
}

/** What can be done through an open door. */
export function createOpenInspector({ clock, door, rssBytes }: OpenDeps): OpenInspector {
  const withWorkers = async <T>(work: (isolates: Isolates) => Promise<T>): Promise<T> => {
    const main = door.cdp();
    const opened = await openWorkers(main);
    try {
      return await work({ main, workers: opened.workers });
    } finally {
      await opened.close();
    }
  };
  return {
    heaps: () => withWorkers(readHeaps),
    collect: () => withWorkers((isolates) => collectAll(isolates, clock, rssBytes)),
    gc: (windowMs) => watchCollections(door, windowMs),
    culprits: async (durationMs, onProgress = () => undefined) =>
      culpritsOf(await sampleHeap(door, durationMs, onProgress)),
    snapshot: (write, onProgress = () => undefined) => takeSnapshot(door.cdp(), write, onProgress),
  };
}
