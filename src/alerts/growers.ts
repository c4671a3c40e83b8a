import type { Observation, ObservedProcess } from '../model/index.ts';

/** Who took the memory that was taken lately. */
export interface Growers {
  push(observation: Pick<Observation, 'atMs' | 'processes'>): void;
  /** Those with a good part of all growth since `sinceMs`, most first; null: not looked at for long enough. */
  top(): { readonly sinceMs: number; readonly growers: readonly Grower[] } | null;
}

export interface Grower {
  readonly process: ObservedProcess;
  readonly gainedBytes: number;
}

/** Two of them are looked back at most, one at least: as long as the line that the forecast rests on. */
const WINDOW_MS = 5 * 60_000;
/** Less than a quarter of the growth is no cause that a person would deal with first. */
const LEAST_PART = 0.25;

interface Sizes {
  readonly atMs: number;
  readonly bytes: ReadonlyMap<string, number>;
}

export function createGrowers(): Growers {
  let older: Sizes | null = null;
  let newer: Sizes | null = null;
  let latest: Pick<Observation, 'atMs' | 'processes'> | null = null;
  return {
    push(observation) {
      const { atMs, processes } = observation;
      latest = observation;
      const sinceMs = newer === null ? WINDOW_MS : atMs - newer.atMs;
      if (sinceMs >= 0 && sinceMs < WINDOW_MS) return;
      // A clock that was set back, or a hole: what came before says nothing of lately.
      older = sinceMs < 0 || sinceMs >= 2 * WINDOW_MS ? null : newer;
      newer = { atMs, bytes: new Map(processes.map(({ id, footprintBytes }) => [id, footprintBytes])) };
    },
    top() {
      if (older === null || latest === null) return null;
      const { atMs: sinceMs, bytes } = older;
      // What was started since then took all that it has.
      const gains = latest.processes
        .map((process): Grower => ({ process, gainedBytes: process.footprintBytes - (bytes.get(process.id) ?? 0) }))
        .filter(({ gainedBytes }) => gainedBytes > 0);
      const all = gains.reduce((sum, { gainedBytes }) => sum + gainedBytes, 0);
      const growers = gains
        .filter(({ gainedBytes }) => gainedBytes >= all * LEAST_PART)
        .toSorted((a, b) => b.gainedBytes - a.gainedBytes);
      return { sinceMs, growers };
    },
  };
}
