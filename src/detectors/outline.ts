/**
 * The outline of a whole life in 16 to 32 points, for several series at once: it halves its resolution whenever it is full.
 * For the parts of memory and for counts, whose course over the life is enough. Unknown values are NaN and stay unknown.
 */
import { createRecordBets } from './record-bets.ts';
import { measureWindow } from './window/window.ts';
import { createBlocks, createWindowStats, type WindowStats } from './window/statistics.ts';

const POINTS = 32;
/** Trend statistics want at least 10 points (see scales.ts). */
const MIN_POINTS = 10;

export interface Outline {
  /** `values`: one per channel, NaN when not known. */
  push(tSeconds: number, values: Float64Array): void;
  readonly count: number;
  /** Least-squares slope per second since `fromSeconds`; null when fewer than 4 points are that young and known. */
  slopeSince(channel: number, fromSeconds: number): number | null;
  /** Last known point of the channel; null when none. */
  last(channel: number): number | null;
  /** Window statistics of the life after its first fifth; null when there is no growth to speak of. */
  measure(channel: number): WindowStats | null;
  /** Record e-value (log) of the points after the first fifth. */
  recordLogE(channel: number): number;
  readonly stateBytes: number;
}

const blocks = createBlocks();
const stats = createWindowStats();
const NO_PRIOR = {
  coefficient: 0,
  variance: Number.POSITIVE_INFINITY,
  peakBefore: Number.NEGATIVE_INFINITY,
  byClock: true,
};

/** `firstWidthS`: width of a point at first; it doubles as the life grows. */
export function createOutline(channels: number, firstWidthS: number): Outline {
  const t = new Float32Array(POINTS);
  const x = new Float32Array(POINTS * channels).fill(Number.NaN);
  const sum = new Float64Array(channels);
  const weight = new Uint32Array(channels);
  let n = 0;
  let width = firstWidthS;
  let start = 0;
  let sumT = 0;
  let samples = 0;

  const halve = (): void => {
    for (let i = 0; i < POINTS / 2; i++) {
      t[i] = (t[2 * i]! + t[2 * i + 1]!) / 2;
      for (let c = 0; c < channels; c++) {
        const a = x[c * POINTS + 2 * i]!;
        const b = x[c * POINTS + 2 * i + 1]!;
        x[c * POINTS + i] = Number.isNaN(a) ? b : Number.isNaN(b) ? a : (a + b) / 2;
      }
    }
    n = POINTS / 2;
    width *= 2;
  };
  const close = (): void => {
    if (n === POINTS) halve();
    t[n] = sumT / samples;
    for (let c = 0; c < channels; c++) {
      x[c * POINTS + n] = weight[c]! > 0 ? sum[c]! / weight[c]! : Number.NaN;
      sum[c] = 0;
      weight[c] = 0;
    }
    n++;
    sumT = samples = 0;
  };

  return {
    push(tSeconds, values) {
      if (samples > 0 && tSeconds - start >= width) close();
      if (samples === 0) start = tSeconds;
      sumT += tSeconds;
      samples++;
      for (let c = 0; c < channels; c++) {
        const v = values[c]!;
        if (Number.isNaN(v)) continue;
        sum[c] = sum[c]! + v;
        weight[c] = weight[c]! + 1;
      }
    },
    get count() {
      return n;
    },
    slopeSince(channel, fromSeconds) {
      let m = 0;
      let mt = 0;
      let mx = 0;
      const usable = (i: number): boolean => t[i]! >= fromSeconds && !Number.isNaN(x[channel * POINTS + i]!);
      for (let i = 0; i < n; i++) {
        if (!usable(i)) continue;
        m++;
        mt += t[i]!;
        mx += x[channel * POINTS + i]!;
      }
      if (m < 4) return null;
      mt /= m;
      mx /= m;
      let c = 0;
      let v = 0;
      for (let i = 0; i < n; i++) {
        if (!usable(i)) continue;
        c += (t[i]! - mt) * (x[channel * POINTS + i]! - mx);
        v += (t[i]! - mt) ** 2;
      }
      return v > 0 ? c / v : null;
    },
    last(channel) {
      for (let i = n - 1; i >= 0; i--) {
        const v = x[channel * POINTS + i]!;
        if (!Number.isNaN(v)) return v;
      }
      return null;
    },
    measure(channel) {
      const from = n > 0 ? 0.2 * t[n - 1]! : 0;
      blocks.n = 0;
      for (let i = 0; i < n; i++) {
        const v = x[channel * POINTS + i]!;
        if (t[i]! < from || Number.isNaN(v)) continue;
        blocks.t[blocks.n] = t[i]!;
        blocks.mean[blocks.n] = v;
        blocks.floor[blocks.n] = v;
        blocks.load[blocks.n] = 0;
        blocks.n++;
      }
      return blocks.n >= MIN_POINTS && measureWindow(blocks, NO_PRIOR, stats) ? stats : null;
    },
    recordLogE(channel) {
      const bets = createRecordBets();
      const from = n > 0 ? 0.2 * t[n - 1]! : 0;
      for (let i = 0; i < n; i++) {
        const v = x[channel * POINTS + i]!;
        if (t[i]! >= from && !Number.isNaN(v)) bets.push(v);
      }
      return bets.logE;
    },
    stateBytes: POINTS * 4 * (channels + 1) + channels * 12 + 5 * 8,
  };
}
