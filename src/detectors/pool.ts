/**
 * Live processes of one command, watched as one. Twelve copies of a server that all grow a little are stronger evidence than
 * one: the mean of their memories holds the leak whole and their noise at 1/√12 of it. The mean goes through the same
 * detector as a process does, so that what the copies have in common (caches that fill, load) is judged as it is there, and
 * never counted twelve times.
 *
 * The mean is one of increments, so that a copy that ends makes no step. A pool is one cohort: copies that start later would
 * add their warm-up again and again, and wait for the next.
 */
import type { DetectorSample, LeakFinding } from '../model/index.ts';
import { createLeakDetector, type LeakDetector } from './detector.ts';

/** Two may grow by chance where one does; the noise of three falls by 1.7. */
const MIN_POOL = 3;
/** Copies that are first seen within this time of each other warm up together. */
const COHORT_MS = 10 * 60_000;
/** A copy not heard of for so long is gone, or its samples have a gap: its next increment is not used. */
const SILENT_MS = 30 * 60_000;
/** Detectors' finest blocks are five minutes; the mean is handed on when all had time to be read. */
const SPACING_MS = 30_000;

interface Copy {
  bytes: number;
  load: number | null;
  atMs: number;
}

interface Pool {
  /** A copy's sample; samples out of order or unusable are left out. */
  push(id: string, sample: DetectorSample): void;
  /** The copy ended. */
  end(id: string): void;
  /** What the copies' mean does; null while fewer than three live. */
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
  let mean = 0;
  let pushedMs = Number.NEGATIVE_INFINITY;

  /** Those who wait become the cohort. */
  const renew = (atMs: number): void => {
    copies = waiting;
    waiting = new Map();
    detector = null;
    bornMs = atMs;
    pushedMs = Number.NEGATIVE_INFINITY;
    mean = 0;
    for (const { bytes } of copies.values()) mean += bytes / copies.size;
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

  const handOn = (atMs: number): void => {
    if (copies.size < MIN_POOL || atMs - pushedMs < SPACING_MS) return;
    pushedMs = atMs;
    let load = 0;
    let loads = 0;
    for (const copy of copies.values()) {
      if (copy.load === null) continue;
      load += copy.load;
      loads++;
    }
    detector ??= createLeakDetector();
    detector.push({ tMs: atMs, rssBytes: Math.max(0, mean), cpuRatio: loads === copies.size ? load / loads : null });
  };

  return {
    push(id, sample) {
      const { tMs, rssBytes } = sample;
      if (!Number.isFinite(tMs) || !Number.isFinite(rssBytes) || rssBytes < 0) return;
      const load = sample.requests ?? sample.cpuRatio ?? null;
      const known = copies.get(id) ?? waiting.get(id);
      if (known === undefined) {
        admit(id, { bytes: rssBytes, load, atMs: tMs });
        return;
      }
      if (tMs <= known.atMs) return;
      if (copies.has(id) && tMs - known.atMs <= SILENT_MS) mean += (rssBytes - known.bytes) / copies.size;
      known.bytes = rssBytes;
      known.load = load;
      known.atMs = tMs;
      if (copies.has(id)) handOn(tMs);
    },
    end(id) {
      copies.delete(id);
      waiting.delete(id);
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
