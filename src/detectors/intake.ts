import type { DetectorSample } from '../model/index.ts';

interface Rejected {
  'not-finite': number;
  negative: number;
  duplicate: number;
  backwards: number;
}

/** A usable look at the process: seconds since the first one, and its footprint. */
export interface Reading {
  tSeconds: number;
  /** RSS, shifted by how PSS + swap moved against it: what the process costs, forks and swapped pages included. */
  footprintBytes: number;
  load: number | null;
}

export interface Intake {
  /** Null when the sample cannot be used; it is counted in `rejected`. */
  accept(sample: DetectorSample): Reading | null;
  readonly originMs: number | null;
  readonly lastMs: number | null;
  readonly samples: number;
  readonly rejected: Readonly<Rejected>;
}

/** No memory, count or load is larger than an address space; what a broken recording holds beyond that is no figure. */
const MOST = 2 ** 64;
/** Years 1970 ± 275,000: what a Date can hold (ECMAScript, time range). */
const LATEST_MS = 8.64e15;

/** A figure that may be used: a number from 0 up to the largest address; else null. */
export function known(value: number | null | undefined): number | null {
  return value !== null && value !== undefined && value >= 0 && value <= MOST ? value : null;
}

/**
 * Time must go on: a sample at or before the last one cannot be placed in the series and is left out. A clock set back
 * therefore pauses the detectors until it has caught up; the count of such samples is in the finding.
 */
export function createIntake(): Intake {
  let originMs: number | null = null;
  let lastMs: number | null = null;
  let samples = 0;
  const rejected: Rejected = { 'not-finite': 0, negative: 0, duplicate: 0, backwards: 0 };
  // PSS + swap − RSS when last read; PSS is read far more seldom than RSS, swap in between stands still.
  let firstShift: number | null = null;
  let shift = 0;
  const reading: Reading = { tSeconds: 0, footprintBytes: 0, load: null };

  return {
    accept(sample) {
      const { tMs, rssBytes } = sample;
      if (!(Math.abs(tMs) <= LATEST_MS) || !(Math.abs(rssBytes) <= MOST)) {
        rejected['not-finite']++;
        return null;
      }
      if (rssBytes < 0) {
        rejected.negative++;
        return null;
      }
      if (lastMs !== null && tMs <= lastMs) {
        rejected[tMs === lastMs ? 'duplicate' : 'backwards']++;
        return null;
      }
      originMs ??= tMs;
      lastMs = tMs;
      samples++;
      const swap = known(sample.swapBytes);
      const pss = known(sample.pssBytes);
      if (pss !== null || swap !== null) {
        const now = (pss ?? rssBytes) + (swap ?? 0) - rssBytes;
        // Only its movement counts, so that the first PSS reading is no jump in the series.
        firstShift ??= now;
        shift = now - firstShift;
      }
      reading.tSeconds = (tMs - originMs) / 1000;
      reading.footprintBytes = Math.max(0, rssBytes + shift);
      reading.load = known(sample.requests) ?? known(sample.cpuRatio);
      return reading;
    },
    get originMs() {
      return originMs;
    },
    get lastMs() {
      return lastMs;
    },
    get samples() {
      return samples;
    },
    rejected,
  };
}
