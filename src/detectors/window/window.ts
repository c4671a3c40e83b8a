/**
 * What one window of blocks says about growth: a robust trend, and the shape features that tell a leak from the growth of
 * a healthy program. A leak keeps its pace, reaches ever new heights, and grows in every part of the window; caches slow
 * down, ramps fall back, steps happen a few times, noise wanders. docs/leak-detection.md has formulas and sources.
 *
 * Work arrays are shared by all processes: calls are synchronous and keep nothing.
 */
import { removeDailyCycle } from './daily.ts';
import { createRecordBets } from '../record-bets.ts';
import { medianInPlace, trend, type Trend } from './trend.ts';
import { fitLoad } from './load-inside.ts';
import { novelty, shape } from './shape.ts';
import { MAX_BLOCKS, TINY, type Blocks, type Prior, type WindowStats } from './statistics.ts';

/** MAD and median |difference| of a normal variable → its standard deviation. */
const TO_SD = 1.4826;

const adjustedMean = new Float64Array(MAX_BLOCKS);
const adjustedFloor = new Float64Array(MAX_BLOCKS);
const work = new Float64Array(MAX_BLOCKS);
const meanTrend: Trend = { slope: 0, z: 0, mad: 0, dependence: 1 };
const floorTrend: Trend = { slope: 0, z: 0, mad: 0, dependence: 1 };

/** Below this deviate there is no trend to speak of; the costlier statistics are skipped (half of all looks). */
const SCREEN_Z = 1.5;

/**
 * Growth that shows only after load was taken out rests on the load model alone, and that may be wrong: a cache that filled
 * as the load rose leaves a coefficient by which it 'grows' as the load falls. This much of it must have been read.
 */
const RAW_SHARE = 0.3;

/**
 * In a large rise, scatter below this share of it says nothing about the shape: beside a gigabyte an hour each small bend (a
 * conversation that is compacted) is many standard errors of a tiny noise, and would pass for growth that ends. With 3 %,
 * of 32 blocks, a second half that is slower by a seventh is two errors slower. In small rises the bends count: the slopes
 * of a clean day-and-night cycle are no straighter.
 */
const STRAIGHT_SHARE = 0.03;
/** Most bounded caches and contexts of programs around agents end below this: V8's own heap ends at 2 to 4 GiB. */
const LARGE_RISE_BYTES = 512 * 1024 * 1024;

/** False when the window shows no rise worth a look; `out` is then not to be used. */
export function measureWindow(blocks: Blocks, prior: Prior, out: WindowStats): boolean {
  const { n, t, mean, floor, load } = blocks;
  const span = t[n - 1]! - t[0]!;
  const loads = fitLoad(blocks, prior);
  const c = loads.coefficient;
  let level = 0;
  for (let i = 0; i < n; i++) {
    adjustedMean[i] = mean[i]! - c * load[i]!;
    adjustedFloor[i] = floor[i]! - c * load[i]!;
    level += mean[i]! / n;
  }
  const timeBesideCycle = prior.byClock ? removeDailyCycle(t, adjustedMean, n) : null;
  if (timeBesideCycle !== null) removeDailyCycle(t, adjustedFloor, n);
  out.recordLogE = timeBesideCycle === null ? Number.NaN : recordsOf(adjustedMean, n);
  straighten(t, adjustedMean, n);
  straighten(t, adjustedFloor, n);
  trend(t, adjustedMean, n, meanTrend);
  if (meanTrend.slope <= 0 || meanTrend.z < SCREEN_Z) return false;
  if (loads.rawSlope < RAW_SHARE * meanTrend.slope) return false;
  trend(t, adjustedFloor, n, floorTrend);
  // Noise hides in the means of a saw-tooth and in the floors of wild noise: look at the shape of the steadier one.
  const useMean = meanTrend.slope * Math.max(floorTrend.mad, TINY) >= floorTrend.slope * Math.max(meanTrend.mad, TINY);
  const x = useMean ? adjustedMean : adjustedFloor;
  const best = useMean ? meanTrend : floorTrend;
  const noise = Math.max(TO_SD * best.mad, 1e-6 * level, TINY);
  const rise = meanTrend.slope * span;
  out.spanS = span;
  out.slope = meanTrend.slope;
  out.rise = rise;
  out.z = meanTrend.z;
  out.noise = noise;
  out.relativeRise = rise / level;
  out.loadShare = (c * loads.slope * span) / (rise + Math.abs(c * loads.slope * span));
  const least = Math.max(rise >= LARGE_RISE_BYTES ? STRAIGHT_SHARE * rise : 0, TINY);
  const local = localNoise(t, x, n, best.slope);
  out.wander = Math.log2(Math.max(noise, least) / Math.max(local, least));
  out.tDeflated = deflate((timeBesideCycle ?? loads.t) / Math.sqrt(meanTrend.dependence), out.wander);
  shape(x, t, n, Math.max(noise, least), best.dependence, local, out);
  out.novelty = novelty(mean, n, prior.peakBefore, rise, noise);
  return true;
}

/** Yesterday's peak hides today's records; without the cycle they show. */
function recordsOf(x: Float64Array, n: number): number {
  const bets = createRecordBets();
  for (let i = 0; i < n; i++) bets.push(x[i]!);
  return bets.logE;
}

/** Share of the squared residuals that curvature must explain before it is taken out. */
const CURVED = 0.5;

/**
 * Takes upward curvature out, about the same line: growth that speeds up is not noise, and would pass for wandering noise
 * in the residuals. Downward curvature stays: it is the mark of growth that ends.
 */
function straighten(t: Float64Array, x: Float64Array, n: number): void {
  let mt = 0;
  let mx = 0;
  for (let i = 0; i < n; i++) {
    mt += t[i]! / n;
    mx += x[i]! / n;
  }
  let tt = 0;
  let tx = 0;
  let ttt = 0;
  for (let i = 0; i < n; i++) {
    const u = t[i]! - mt;
    tt += u * u;
    tx += u * (x[i]! - mx);
    ttt += u * u * u;
  }
  const slope = tx / tt;
  // The quadratic that is orthogonal to the constant and to the line.
  const skew = ttt / tt;
  const centre = tt / n;
  let pp = 0;
  let px = 0;
  let xx = 0;
  for (let i = 0; i < n; i++) {
    const u = t[i]! - mt;
    const p = u * u - skew * u - centre;
    const r = x[i]! - mx - slope * u;
    pp += p * p;
    px += p * r;
    xx += r * r;
  }
  if (px <= 0 || px * px < CURVED * pp * xx) return;
  for (let i = 0; i < n; i++) {
    const u = t[i]! - mt;
    x[i] = x[i]! - (px / pp) * (u * u - skew * u - centre);
  }
}

/** Standard deviation of the noise from one block to the next, from the median of the detrended differences. */
function localNoise(t: Float64Array, x: Float64Array, n: number, slope: number): number {
  for (let i = 1; i < n; i++) work[i - 1] = Math.abs(x[i]! - x[i - 1]! - slope * (t[i]! - t[i - 1]!));
  return (medianInPlace(work, n - 1) * TO_SD) / Math.SQRT2;
}

/** For AR(1) noise block-to-block variance is (1 − ρ) of the whole; the t statistic shrinks by √((1 − ρ) / (1 + ρ)). */
function deflate(t: number, wander: number): number {
  const rho = 1 - 4 ** -Math.min(3, Math.max(0, wander));
  return t * Math.sqrt((1 - rho) / (1 + rho));
}
