import type { Clock, Footprint, ProcessKey, ProcessSample, Source } from '../model/index.ts';

/** The newest PSS, USS and swap of each process, whoever asked for it to be read. */
export interface Footprints {
  newest(sample: ProcessSample): Footprint | null;
  /**
   * Reads anew, within `budgetMs`, what is most likely out of date; the rest keeps its last reading, which carries its
   * time. Returns how many were left out.
   */
  refresh(samples: readonly ProcessSample[], budgetMs: number): Promise<number>;
  forget(key: ProcessKey): void;
}

/** A reading this young serves again: twenty agents that ask at once cost one round of reading. */
const FRESH_MS = 250;
/** After this time a reading says nothing about shared pages any more, even if RSS did not move. */
const STALE_MS = 60_000;

export function createFootprints(source: Source, clock: Clock): Footprints {
  const own = new Map<ProcessKey, Footprint>();

  const newest = (sample: ProcessSample): Footprint | null => {
    const mine = own.get(sample.key);
    if (mine === undefined) return sample.footprint;
    return sample.footprint !== null && sample.footprint.atMs > mine.atMs ? sample.footprint : mine;
  };

  /** Bytes by which the last reading may be wrong: what RSS moved since, and sharing, which changes unseen. */
  const doubt = (sample: ProcessSample, nowMs: number): number => {
    const last = newest(sample);
    if (last === null) return Number.MAX_SAFE_INTEGER;
    const ageMs = nowMs - last.atMs;
    if (ageMs >= 0 && ageMs < FRESH_MS) return -1;
    return Math.abs(sample.rssBytes - last.rssBytes) + last.pssBytes * Math.min(1, Math.abs(ageMs) / STALE_MS);
  };

  return {
    newest,
    refresh: async (samples, budgetMs) => {
      const nowMs = clock.nowMs();
      const queue = samples
        .map((sample) => ({ sample, doubt: doubt(sample, nowMs) }))
        .filter((entry) => entry.doubt >= 0)
        .toSorted((a, b) => b.doubt - a.doubt);
      const startMs = clock.monotonicMs();
      let read = 0;
      for (const { sample } of queue) {
        if (clock.monotonicMs() - startMs >= budgetMs) break;
        const footprint = await source.footprint(sample);
        if (footprint !== null) own.set(sample.key, footprint);
        read += 1;
      }
      return queue.length - read;
    },
    forget: (key) => own.delete(key),
  };
}
