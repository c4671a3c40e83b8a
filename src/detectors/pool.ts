/**
 * Live processes of one command, watched as one. Twelve copies of a server that all grow a little are stronger evidence than
 * one: the median of their gains holds the leak whole and a third of their noise. It goes through the same detector as a
 * process does, so that what the copies have in common (caches that fill, load) is judged as it is there, and never counted
 * twelve times. Of gains since the cohort formed, not of steps: most steps of a collector's saw-tooth go up.
 *
 * It is the median, so that fewer than half of the copies, however fast they leak, do not move it (their mean did: healthy
 * siblings of one fast leak were suspected in 94 of 108 groups, by the median in 4). A pool is one cohort: copies that start
 * later would add their warm-up again and again, and wait for the next.
 */
import type { DetectorSample, LeakFinding } from '../model/index.ts';
import { createLeakDetector, type LeakDetector } from './detector.ts';

/** Two may grow by chance where one does; three have a middle. */
const MIN_POOL = 3;
/** Copies that are first seen within this time of each other warm up together. Until it is over nothing is handed on. */
const COHORT_MS = 10 * 60_000;
/** A copy not heard of for so long is gone, or its samples have a gap: its next increment is not used. */
const SILENT_MS = 30 * 60_000;
/** Detectors' finest blocks are five minutes; the median is handed on when all had time to be read. */
const SPACING_MS = 30_000;

interface Copy {
  bytes: number;
  /** What it held while the cohort formed, on average. */
  base: number;
  samples: number;
  load: number | null;
  atMs: number;
}

interface Pool {
  /** A copy's sample; samples out of order or unusable are left out. */
  push(id: string, sample: DetectorSample): void;
  /** The copy ended. */
  end(id: string): void;
  /** What the copies' median does; null while fewer than three live. */
  verdict(): LeakFinding | null;
  /** Whether this copy is part of the cohort. */
  has(id: string): boolean;
  /** Copies in the cohort. */
  readonly size: number;
  /** Nobody in the cohort, nobody waiting. */
  readonly empty: boolean;
}

export function createPool(): Pool {
  let copies = new Map<string, Copy>();
  let waiting = new Map<string, Copy>();
  // Most commands run once: made when there is something to pool.
  let detector: LeakDetector | null = null;
  let bornMs = Number.NEGATIVE_INFINITY;
  /** Level from which the copies' gains are counted; moved when a copy ends, so that the median makes no step. */
  let level = 0;
  let pushedMs = Number.NEGATIVE_INFINITY;

  /** Those who wait become the cohort. */
  const renew = (atMs: number): void => {
    copies = waiting;
    waiting = new Map();
    detector = null;
    bornMs = atMs;
    pushedMs = Number.NEGATIVE_INFINITY;
    for (const copy of copies.values()) {
      copy.base = copy.bytes;
      copy.samples = 1;
    }
  };

  const admit = (id: string, copy: Copy): void => {
    if (copies.size > 0 && copy.atMs - bornMs <= COHORT_MS) {
      copies.set(id, copy);
      return;
    }
    waiting.set(id, copy);
    if (copies.size < MIN_POOL) {
      for (const [other, held] of copies) waiting.set(other, held);
      renew(copy.atMs);
    }
  };

  const gain = (): number => median(Array.from(copies.values(), ({ bytes, base }) => bytes - base));

  const handOn = (atMs: number): void => {
    if (copies.size < MIN_POOL || atMs - bornMs <= COHORT_MS || atMs - pushedMs < SPACING_MS) return;
    if (detector === null) {
      level = 0;
      for (const { base } of copies.values()) level += base / copies.size;
      detector = createLeakDetector();
    }
    pushedMs = atMs;
    let load = 0;
    let loads = 0;
    for (const copy of copies.values()) {
      if (copy.load === null) continue;
      load += copy.load;
      loads++;
    }
    const rssBytes = Math.max(0, level + gain());
    detector.push({ tMs: atMs, rssBytes, cpuRatio: loads === copies.size ? load / loads : null });
  };

  return {
    push(id, sample) {
      const { tMs, rssBytes } = sample;
      if (!Number.isFinite(tMs) || !Number.isFinite(rssBytes) || rssBytes < 0) return;
      const load = sample.requests ?? sample.cpuRatio ?? null;
      const known = copies.get(id) ?? waiting.get(id);
      if (known === undefined) {
        admit(id, { bytes: rssBytes, base: rssBytes, samples: 1, load, atMs: tMs });
        return;
      }
      if (tMs <= known.atMs) return;
      if (tMs - known.atMs > SILENT_MS) known.base += rssBytes - known.bytes;
      else if (tMs - bornMs <= COHORT_MS) {
        known.samples++;
        known.base += (rssBytes - known.base) / known.samples;
      }
      known.bytes = rssBytes;
      known.load = load;
      known.atMs = tMs;
      if (copies.has(id)) handOn(tMs);
    },
    end(id) {
      waiting.delete(id);
      if (!copies.has(id)) return;
      const before = gain();
      copies.delete(id);
      if (copies.size > 0) level += before - gain();
    },
    verdict: () => (copies.size < MIN_POOL || detector === null ? null : detector.verdict()),
    has: (id) => copies.has(id),
    get size() {
      return copies.size;
    },
    get empty() {
      return copies.size === 0 && waiting.size === 0;
    },
  };
}

/** Half of them and one more must gain before it does. */
function median(values: number[]): number {
  values.sort((a, b) => a - b);
  const { length } = values;
  return ((values[length >> 1] ?? 0) + (values[(length - 1) >> 1] ?? 0)) / 2;
}
