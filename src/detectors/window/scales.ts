/**
 * The pyramid of one quantity with its looks: each time a block closes, the window that ends with it is measured and
 * scored. A scale speaks when two looks in a row agree (their log-odds are averaged): one lucky look is no verdict.
 */
import { createLoadModel, type LoadEstimate } from './load.ts';
import { logOdds, TERMS, termsOf } from '../score/likelihood.ts';
import { createRecordBets, type RecordBets } from '../record-bets.ts';
import { BLOCKS, createPyramid, LEVELS, type Pyramid } from './pyramid.ts';
import { measureWindow } from './window.ts';
import { createBlocks, createWindowStats } from './statistics.ts';

/** Log-odds of a scale that shows no growth. */
export const NO_GROWTH = -12;
/** Fewer blocks than this carry no trend worth testing: Mann–Kendall's normal approximation holds from n = 10. */
const MIN_BLOCKS = 10;
/** The first fifth of the life is warm-up and is skipped. */
const WARM_UP_SHARE = 0.2;
/** Memory follows load with a delay (connections close, queues drain): load is smoothed with this time constant. */
const LOAD_LAG_S = 90;

/** 80-minute means: noise with a memory of up to half an hour is then about exchangeable (lag-1 correlation ≤ .3). */
const RECORD_LEVEL = 4;
/** 20-minute means, for the fleet, where hours count; measured to keep the bound with noise of up to an hour's memory. */
const QUICK_RECORD_LEVEL = 2;

export interface Scales {
  readonly pyramid: Pyramid;
  readonly bets: RecordBets;
  readonly quickBets: RecordBets;
  /** Bytes per unit of load where that is known well enough to be taken out; else 0. */
  loadCoefficient(): number;
  push(tSeconds: number, value: number, load: number | null): void;
  /** Best log-odds over the scales now, and the scale that has it (-1: none shows growth). */
  best(): { readonly logOdds: number; readonly level: number };
  readonly stateBytes: number;
}

/** For fitting and for tests: sees the terms of every scored look. */
export type LookTap = (level: number, tSeconds: number, terms: Float64Array, unbroken: boolean) => void;

const blocks = createBlocks();
const stats = createWindowStats();
const work = new Float64Array(BLOCKS);
const terms = new Float64Array(TERMS.length);
const workTerms = new Float64Array(TERMS.length);
const estimate: LoadEstimate = { coefficient: 0, variance: Number.POSITIVE_INFINITY };

/** First block of the window at a level: warm-up left out. */
export function windowStart(pyramid: Pyramid, level: number): number {
  const n = pyramid.count(level);
  if (n === 0) return 0;
  const from = WARM_UP_SHARE * pyramid.time(level, n - 1);
  let first = 0;
  while (first < n && pyramid.time(level, first) < from) first++;
  return first;
}

/**
 * Replaces the blocks' times by the work done so far (the integral of load, `workSinceBirth` in all), scaled to the same
 * span. Birth stays at zero: what grows with the logarithm of the work done must be seen as such. False, and nothing done,
 * when the load is too even (coefficient of variation under .3) for that to tell anything new.
 */
function toOperationalTime(workSinceBirth: number): boolean {
  const { n, t, load } = blocks;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    sum += load[i]!;
    squares += load[i]! ** 2;
  }
  if (sum <= 0 || (n * squares) / (sum * sum) - 1 < 0.09) return false;
  const span = t[n - 1]! - t[0]!;
  // A little of the wall clock keeps times strictly increasing through idle hours.
  const idle = (0.02 * sum) / n;
  work[0] = 0;
  for (let i = 1; i < n; i++) {
    work[i] = work[i - 1]! + ((load[i - 1]! + load[i]!) / 2 + idle) * (t[i]! - t[i - 1]!);
  }
  const start = (span * Math.max(0, (1 + 0.02) * workSinceBirth - work[n - 1]!)) / work[n - 1]!;
  for (let i = 0; i < n; i++) t[i] = start + (span * work[i]!) / work[n - 1]!;
  return true;
}

export function createScales(blockMs: number, tap?: LookTap): Scales {
  const load = createLoadModel();
  const bets = createRecordBets();
  const quickBets = createRecordBets();
  // Per level: log-odds of the last look, their average with the one before, time of the last look.
  const last = new Float64Array(LEVELS).fill(Number.NaN);
  const agreed = new Float64Array(LEVELS).fill(NO_GROWTH);
  const lookedAt = new Float64Array(LEVELS).fill(Number.NEGATIVE_INFINITY);
  let smoothLoad = Number.NaN;
  let workDone = 0;
  let lastT = 0;
  // Load inside the open finest block: sum, squares, count.
  let loadSum = 0;
  let loadSquares = 0;
  let loadCount = 0;

  const pyramid = createPyramid(blockMs, (level) => {
    const n = pyramid.count(level);
    if (level === 0) learnLoad(n - 1);
    if (level === RECORD_LEVEL || level === QUICK_RECORD_LEVEL) {
      const value = pyramid.mean(level, n - 1) - loadCoefficient() * pyramid.load(level, n - 1);
      (level === RECORD_LEVEL ? bets : quickBets).push(value);
    }
    // Every second block is enough for a full window; while it fills, and where minutes count, every block.
    if (n >= 16 && level !== 1 && pyramid.closed(level) % 2 === 1) return;
    look(level, n);
  });

  const learnLoad = (i: number): void => {
    if (loadCount > 0) {
      const mean = loadSum / loadCount;
      // Smoothing over LOAD_LAG_S averages the noise further: to about 0.6 of the block mean's.
      const noise = loadCount > 2 ? (0.6 * Math.max(0, loadSquares / loadCount - mean * mean)) / loadCount : 0;
      load.push(pyramid.mean(0, i), pyramid.load(0, i), noise);
    }
    loadSum = 0;
    loadSquares = 0;
    loadCount = 0;
  };

  /** Only a coefficient known to half its size is worth taking out. */
  const loadCoefficient = (): number => {
    load.estimate(estimate);
    const { coefficient, variance } = estimate;
    return variance < (coefficient / 2) ** 2 ? coefficient : 0;
  };

  const look = (level: number, n: number): void => {
    const first = windowStart(pyramid, level);
    if (n - first < MIN_BLOCKS) return;
    let peakBefore = pyramid.forgottenMax(level);
    for (let i = 0; i < first; i++) peakBefore = Math.max(peakBefore, pyramid.mean(level, i));
    blocks.n = n - first;
    for (let i = first; i < n; i++) {
      blocks.t[i - first] = pyramid.time(level, i);
      blocks.mean[i - first] = pyramid.mean(level, i);
      blocks.floor[i - first] = pyramid.min(level, i);
      blocks.load[i - first] = pyramid.load(level, i);
    }
    load.estimate(estimate);
    const { coefficient, variance } = estimate;
    const t = pyramid.time(level, n - 1);
    const width = (blockMs / 1000) * 2 ** level;
    if (!measureWindow(blocks, { coefficient, variance, peakBefore, byClock: true }, stats)) {
      last[level] = Number.NaN;
      agreed[level] = NO_GROWTH;
      return;
    }
    termsOf(stats, blockMs, bets.logE, terms);
    const loadKnown = !Number.isNaN(smoothLoad);
    let now = logOdds(terms, loadKnown);
    const unbroken = !Number.isNaN(last[level]!) && t - lookedAt[level]! <= 2.6 * width;
    if (loadKnown && toOperationalTime(workDone)) {
      // A leak per request is steady by the work done, not by the clock.
      if (measureWindow(blocks, { coefficient, variance, peakBefore, byClock: false }, stats)) {
        termsOf(stats, blockMs, bets.logE, workTerms);
        const byWork = logOdds(workTerms, true);
        if (byWork > now) {
          now = byWork;
          terms.set(workTerms);
        }
      }
    }
    agreed[level] = unbroken ? (now + last[level]!) / 2 : NO_GROWTH;
    last[level] = now;
    lookedAt[level] = t;
    tap?.(level, t, terms, unbroken);
  };

  return {
    pyramid,
    bets,
    quickBets,
    loadCoefficient,
    push(tSeconds, value, sampleLoad) {
      if (sampleLoad !== null) {
        smoothLoad = Number.isNaN(smoothLoad)
          ? sampleLoad
          : smoothLoad + (sampleLoad - smoothLoad) * (1 - Math.exp((lastT - tSeconds) / LOAD_LAG_S));
        loadSum += sampleLoad;
        loadSquares += sampleLoad * sampleLoad;
        loadCount++;
      }
      if (!Number.isNaN(smoothLoad)) workDone += smoothLoad * (tSeconds - lastT);
      lastT = tSeconds;
      pyramid.push(tSeconds, value, Number.isNaN(smoothLoad) ? 0 : smoothLoad);
    },
    best() {
      let level = -1;
      let most = NO_GROWTH;
      for (let k = 0; k < LEVELS; k++) {
        const width = (blockMs / 1000) * 2 ** k;
        // A look older than four blocks is history (a gap in the samples): the next look decides.
        if (agreed[k]! > most && lastT - lookedAt[k]! <= 4 * width + width) {
          most = agreed[k]!;
          level = k;
        }
      }
      return { logOdds: most, level };
    },
    stateBytes: pyramid.stateBytes + load.stateBytes + 2 * bets.stateBytes + 3 * LEVELS * 8 + 6 * 8,
  };
}
