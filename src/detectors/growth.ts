/** Since when it grows, and how fast, with an honest error. Computed when asked for, not on every sample. */
import type { GrowthEstimate } from '../model/index.ts';
import { BLOCKS, LEVELS, type Pyramid } from './window/pyramid.ts';
import type { Scales } from './window/scales.ts';
import { trend, type Trend } from './window/trend.ts';

const t = new Float64Array(BLOCKS);
const x = new Float64Array(BLOCKS);
const fit: Trend = { slope: 0, z: 0, mad: 0, dependence: 1 };

/**
 * Onset: the hinge τ of the broken line a + b·max(0, t − τ) that fits the blocks best (least squares over all τ). When the
 * best hinge is the oldest block, growth began before this window and the next coarser scale is asked.
 */
export function estimateGrowth(scales: Scales, level: number, originMs: number): GrowthEstimate | null {
  const { pyramid } = scales;
  const perLoad = scales.loadCoefficient();
  for (let k = level; k < LEVELS; k++) {
    const n = fill(pyramid, k, perLoad);
    if (n < 8) return k === level ? null : describe(fill(pyramid, k - 1, perLoad), 0, originMs);
    const hinge = bestHinge(n);
    const wholeLife = pyramid.closed(k) <= BLOCKS;
    if (hinge > 0 || wholeLife || k === LEVELS - 1) return describe(n, hinge, originMs);
  }
  return null;
}

/** Means less what the load of the moment holds beyond its average. */
function fill(pyramid: Pyramid, level: number, perLoad: number): number {
  const n = pyramid.count(level);
  let average = 0;
  for (let i = 0; i < n; i++) average += pyramid.load(level, i) / n;
  for (let i = 0; i < n; i++) {
    t[i] = pyramid.time(level, i);
    x[i] = pyramid.mean(level, i) - perLoad * (pyramid.load(level, i) - average);
  }
  return n;
}

/** Index of the hinge with the least squared error; leaves at least 6 blocks on the slope. */
function bestHinge(n: number): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let h = 0; h <= n - 6; h++) {
    let mu = 0;
    let mx = 0;
    for (let i = 0; i < n; i++) {
      mu += Math.max(0, t[i]! - t[h]!) / n;
      mx += x[i]! / n;
    }
    let uu = 0;
    let ux = 0;
    let xx = 0;
    for (let i = 0; i < n; i++) {
      const u = Math.max(0, t[i]! - t[h]!) - mu;
      uu += u * u;
      ux += u * (x[i]! - mx);
      xx += (x[i]! - mx) ** 2;
    }
    const error = xx - (ux > 0 ? (ux * ux) / uu : 0);
    // A later hinge must fit clearly better: 5 % of the error is what one free parameter gains by chance.
    if (error < least * (h === 0 ? 1 : 0.95)) {
      least = error;
      best = h;
    }
  }
  return best;
}

function describe(n: number, hinge: number, originMs: number): GrowthEstimate | null {
  const since = t[hinge]!;
  // The bend itself is neither flat nor slope: the rate is taken from the last 80 % of the segment.
  let first = hinge;
  while (first < n - 6 && t[first]! < since + 0.2 * (t[n - 1]! - since)) first++;
  const m = n - first;
  if (m < 4) return null;
  t.copyWithin(0, first, n);
  x.copyWithin(0, first, n);
  trend(t, x, m, fit);
  const { slope } = fit;
  const noise = 1.4826 * fit.mad;
  const span = t[m - 1]! - t[0]!;
  // Rates of the quarters scatter by what the rate really does (bursts, load), which residuals do not show.
  const quarters = Math.min(4, m >> 1);
  let variance = 0;
  for (let q = 0; q < quarters; q++) {
    const a = Math.floor((q * (m - 1)) / quarters);
    const b = Math.floor(((q + 1) * (m - 1)) / quarters);
    variance += ((x[b]! - x[a]!) / (t[b]! - t[a]!) - slope) ** 2;
  }
  const between = Math.sqrt(variance / Math.max(1, quarters - 1) / quarters);
  const within = (noise * Math.sqrt(12 / m) * Math.sqrt(fit.dependence)) / span;
  // The line's height at the end, not the last block: one block is noise.
  let mt = 0;
  let mx = 0;
  for (let i = 0; i < m; i++) {
    mt += t[i]! / m;
    mx += x[i]! / m;
  }
  return {
    sinceMs: originMs + since * 1000,
    atMs: originMs + t[m - 1]! * 1000,
    levelBytes: mx + slope * (t[m - 1]! - mt),
    ratePerHourBytes: slope * 3600,
    rateErrorPerHourBytes: Math.max(between, within) * 3600,
    noiseBytes: noise,
  };
}
