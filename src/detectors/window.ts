/**
 * What one window of blocks says about growth: a robust trend, and the shape features that tell a leak from the growth of
 * a healthy program. A leak keeps its pace, reaches ever new heights, and grows in every part of the window; caches slow
 * down, ramps fall back, steps happen a few times, noise wanders. docs/leak-detection.md has formulas and sources.
 *
 * Work arrays are shared by all processes: calls are synchronous and keep nothing.
 */
import { medianInPlace, trend, type Trend } from './trend.ts';

const MAX_BLOCKS = 32;
/** MAD and median |difference| of a normal variable → its standard deviation. */
const TO_SD = 1.4826;

/** The window's blocks, oldest first; filled by the caller. Values in bytes (or any unit), times in seconds. */
export interface Blocks {
  n: number;
  readonly t: Float64Array;
  readonly mean: Float64Array;
  readonly floor: Float64Array;
  readonly load: Float64Array;
}

export function createBlocks(): Blocks {
  const array = (): Float64Array => new Float64Array(MAX_BLOCKS);
  return { n: 0, t: array(), mean: array(), floor: array(), load: array() };
}

export interface WindowStats {
  spanS: number;
  /** Theil–Sen slope of the load-adjusted means, per second, and what it adds up to over the window. */
  slope: number;
  rise: number;
  /** Mann–Kendall deviate (Hamed–Rao variance) of the load-adjusted means. */
  z: number;
  /** t statistic of time beside load, deflated for dependence between blocks. */
  tDeflated: number;
  /** Rise over mean level. */
  relativeRise: number;
  /** (End level + 2 sd − highest block mean before the window) / rise; 1 when there was nothing before. */
  novelty: number;
  /** Least of the four quarters' lasting gains over their average; 1: even growth, 0: a quarter gained nothing. */
  weakest: number;
  /** (Slope of the 2nd half − of the 1st) in standard errors: below 0 it slows down. */
  acceleration: number;
  /** (Slope of the 2nd half − what logarithmic growth since birth would have there) in standard errors. */
  beyondLogarithmic: number;
  /** Effective number of separate rises: (Σ d)² / Σ d², less what noise adds. */
  rises: number;
  /** log2 of residual scatter over block-to-block scatter: 0 for white noise, above for noise that wanders. */
  wander: number;
  /** Share of the raw rise that the load explains. */
  loadShare: number;
  /** Largest fall from a peak inside the window. */
  drawdown: number;
  /** Standard deviation of a block about the line. */
  noise: number;
}

export function createWindowStats(): WindowStats {
  return {
    spanS: 0,
    slope: 0,
    rise: 0,
    z: 0,
    tDeflated: 0,
    relativeRise: 0,
    novelty: 0,
    weakest: 0,
    acceleration: 0,
    beyondLogarithmic: 0,
    rises: 0,
    wander: 0,
    loadShare: 0,
    drawdown: 0,
    noise: 0,
  };
}

const adjustedMean = new Float64Array(MAX_BLOCKS);
const adjustedFloor = new Float64Array(MAX_BLOCKS);
const work = new Float64Array(MAX_BLOCKS);
const meanTrend: Trend = { slope: 0, z: 0, mad: 0, dependence: 1 };
const floorTrend: Trend = { slope: 0, z: 0, mad: 0, dependence: 1 };

/** Below this deviate there is no trend to speak of; the costlier statistics are skipped (half of all looks). */
const SCREEN_Z = 1.5;
const TINY = 1e-9;

export interface Prior {
  /** Load coefficient from block differences and its variance (see load.ts). */
  readonly coefficient: number;
  readonly variance: number;
  /** Highest block mean before the window; -Infinity when there was none. */
  readonly peakBefore: number;
}

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
  straighten(t, adjustedMean, n);
  straighten(t, adjustedFloor, n);
  trend(t, adjustedMean, n, meanTrend);
  if (meanTrend.slope <= 0 || meanTrend.z < SCREEN_Z) return false;
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
  const local = localNoise(t, x, n, best.slope);
  out.wander = Math.log2(Math.max(noise, TINY) / Math.max(local, TINY));
  out.tDeflated = deflate(loads.t / Math.sqrt(meanTrend.dependence), out.wander);
  shape(x, t, n, noise, best.dependence, local, out);
  out.novelty = novelty(mean, n, prior.peakBefore, rise, noise);
  return true;
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

interface LoadFit {
  coefficient: number;
  /** Trend of the load over the window, per second. */
  slope: number;
  /** t statistic of time in the regression of memory on time and load. */
  t: number;
}
const loadFit: LoadFit = { coefficient: 0, slope: 0, t: 0 };
/** Blocks are about three times less independent than least squares thinks: weight of the window against the prior. */
const WINDOW_DEPENDENCE = 3;

/**
 * Regression on time and load inside the window, its load coefficient shrunk towards the one known from differences by
 * their precisions (a normal prior), never below 0.
 */
function fitLoad({ n, t, mean, load }: Blocks, prior: Prior): LoadFit {
  let mt = 0;
  let ml = 0;
  let mx = 0;
  for (let i = 0; i < n; i++) {
    mt += t[i]! / n;
    ml += load[i]! / n;
    mx += mean[i]! / n;
  }
  let tt = 0;
  let ll = 0;
  let tl = 0;
  let tx = 0;
  let lx = 0;
  let xx = 0;
  for (let i = 0; i < n; i++) {
    const a = t[i]! - mt;
    const b = load[i]! - ml;
    const x = mean[i]! - mx;
    tt += a * a;
    ll += b * b;
    tl += a * b;
    tx += a * x;
    lx += b * x;
    xx += x * x;
  }
  const loadApart = ll - (tl * tl) / tt;
  const crossApart = lx - (tl * tx) / tt;
  const known = loadApart > 1e-9 * ll && ll > 0;
  const own = known ? crossApart / loadApart : 0;
  const degrees = Math.max(1, n - 3);
  const fitted = Math.max(0, own);
  const residual = Math.max((xx - (tx * tx) / tt - fitted * crossApart) / degrees, TINY) * WINDOW_DEPENDENCE;
  const windowPrecision = known ? loadApart / residual : 0;
  const priorPrecision = prior.variance < Number.POSITIVE_INFINITY ? 1 / Math.max(prior.variance, 1e-12) : 0;
  const precision = windowPrecision + priorPrecision;
  loadFit.coefficient =
    precision > 0 ? Math.max(0, (windowPrecision * own + priorPrecision * prior.coefficient) / precision) : 0;
  loadFit.slope = tl / tt;
  const joint = known && own > 0;
  const determinant = tt * ll - tl * tl;
  const timeSlope = joint ? (ll * tx - tl * lx) / determinant : tx / tt;
  const timeVariance = joint ? ll / determinant : 1 / tt;
  const left = Math.max(TINY, xx - timeSlope * tx - (joint ? own * lx : 0));
  loadFit.t = timeSlope / Math.sqrt((left / degrees) * timeVariance);
  return loadFit;
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

function novelty(mean: Float64Array, n: number, peakBefore: number, rise: number, noise: number): number {
  if (peakBefore === Number.NEGATIVE_INFINITY) return 1;
  const w = Math.max(2, n >> 3);
  let end = 0;
  for (let i = n - w; i < n; i++) end += mean[i]! / w;
  // The highest of many noisy blocks lies about 2 sd above the level it came from.
  return (end + 2 * noise - peakBefore) / Math.max(rise, TINY);
}

function slopeOf(t: Float64Array, x: Float64Array, from: number, to: number): number {
  const n = to - from;
  let mt = 0;
  let mx = 0;
  for (let i = from; i < to; i++) {
    mt += t[i]! / n;
    mx += x[i]! / n;
  }
  let c = 0;
  let v = 0;
  for (let i = from; i < to; i++) {
    c += (t[i]! - mt) * (x[i]! - mx);
    v += (t[i]! - mt) ** 2;
  }
  return c / v;
}

function shape(
  x: Float64Array,
  t: Float64Array,
  n: number,
  noise: number,
  dependence: number,
  local: number,
  out: WindowStats,
): void {
  const start = t[0]!;
  const span = t[n - 1]! - start;
  // Lasting gains: the running minimum from the right is what was never given back.
  let least = Number.POSITIVE_INFINITY;
  for (let i = n - 1; i >= 0; i--) {
    least = Math.min(least, x[i]!);
    work[i] = least;
  }
  const end = work[Math.max(0, n - 1 - (n >> 3))]!;
  let total = 0;
  let q0 = 0;
  let q1 = 0;
  let q2 = 0;
  let q3 = 0;
  for (let i = 1; i < n; i++) {
    const gain = Math.min(work[i]!, end) - Math.min(work[i - 1]!, end);
    total += gain;
    const quarter = (4 * (t[i]! - start)) / span;
    if (quarter < 1) q0 += gain;
    else if (quarter < 2) q1 += gain;
    else if (quarter < 3) q2 += gain;
    else q3 += gain;
  }
  out.weakest = total > 0 ? (4 * Math.min(q0, q1, q2, q3)) / total : 0;

  let peak = Number.NEGATIVE_INFINITY;
  out.drawdown = 0;
  for (let i = 0; i < n; i++) {
    peak = Math.max(peak, x[i]!);
    out.drawdown = Math.max(out.drawdown, peak - x[i]!);
  }

  const half = n >> 1;
  const early = slopeOf(t, x, 0, half);
  const late = slopeOf(t, x, n - half, n);
  const error = (noise * Math.sqrt(12 / half)) / (span / 2);
  out.acceleration = (late - early) / (error * Math.sqrt(dependence) * Math.SQRT2);
  // d/dt log t is 1/t: over a window [T0, T1] since birth, the second half grows log(T1/Tm) / log(Tm/T0) of the first.
  const born = start + 1;
  const middle = (born + t[n - 1]!) / 2;
  const logarithmic = Math.log(t[n - 1]! / middle) / Math.log(middle / born);
  out.beyondLogarithmic = (late - logarithmic * early) / (error * Math.sqrt(1 + logarithmic * logarithmic));
  out.rises = countRises(x, n, local);
}

/** Eight groups of blocks, seven gains between them: 7 for even growth, 1 to 3 for a few steps. */
function countRises(x: Float64Array, n: number, local: number): number {
  const groups = Math.min(8, n >> 1);
  let total = 0;
  let squares = 0;
  let noise = 0;
  let last = 0;
  let lastSize = 0;
  for (let g = 0; g < groups; g++) {
    const from = Math.floor((g * n) / groups);
    const to = Math.floor(((g + 1) * n) / groups);
    let m = 0;
    for (let i = from; i < to; i++) m += x[i]!;
    m /= to - from;
    if (g > 0) {
      total += m - last;
      squares += (m - last) ** 2;
      noise += local * local * (1 / (to - from) + 1 / lastSize);
    }
    last = m;
    lastSize = to - from;
  }
  if (total <= 0) return 1;
  const even = (total * total) / (groups - 1);
  return (((total * total) / Math.max(squares - noise, even)) * 7) / (groups - 1);
}
