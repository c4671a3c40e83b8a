import { TINY, type Blocks, type Prior } from './statistics.ts';

export interface LoadFit {
  coefficient: number;
  /** Trend of the load over the window, per second. */
  slope: number;
  /** Trend of the memory as it was read, per second. */
  rawSlope: number;
  /** t statistic of time in the regression of memory on time and load. */
  t: number;
}
const loadFit: LoadFit = { coefficient: 0, slope: 0, rawSlope: 0, t: 0 };
/** Blocks are about three times less independent than least squares thinks: weight of the window against the prior. */
const WINDOW_DEPENDENCE = 3;

/**
 * Regression on time and load inside the window, its load coefficient shrunk towards the one known from differences by
 * their precisions (a normal prior), never below 0.
 */
export function fitLoad({ n, t, mean, load }: Blocks, prior: Prior): LoadFit {
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
  loadFit.rawSlope = tx / tt;
  const joint = known && own > 0;
  const determinant = tt * ll - tl * tl;
  const timeSlope = joint ? (ll * tx - tl * lx) / determinant : tx / tt;
  const timeVariance = joint ? ll / determinant : 1 / tt;
  const left = Math.max(TINY, xx - timeSlope * tx - (joint ? own * lx : 0));
  loadFit.t = timeSlope / Math.sqrt((left / degrees) * timeVariance);
  return loadFit;
}
