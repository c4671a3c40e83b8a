import { RampartError, type Clock, type OpenInspector } from '../../model/index.ts';
import { collectAll, readHeaps, type Isolates } from './collect.ts';
import type { Door } from './door.ts';
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
    gc: () => Promise.reject(new RampartError('unsupported', 'this version cannot do it yet', 'Update Rampart.')),
    culprits: () => Promise.reject(new RampartError('unsupported', 'this version cannot do it yet', 'Update Rampart.')),
    snapshot: () => Promise.reject(new RampartError('unsupported', 'this version cannot do it yet', 'Update Rampart.')),
  };
}
