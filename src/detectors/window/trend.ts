/**
 * Robust trend statistics on a short series (n ≤ 64): Theil–Sen slope and the Mann–Kendall test with the variance
 * correction of Hamed & Rao (J. Hydrology 204, 1998) for autocorrelated data. Work arrays are shared: calls are
 * synchronous and keep nothing.
 */

const MAX = 64;
const slopes = new Float64Array((MAX * (MAX - 1)) / 2);
const ranks = new Float64Array(MAX);
const work = new Float64Array(MAX);

export interface Trend {
  /** Median of the slopes between all pairs, per unit of `t`. */
  slope: number;
  /** Mann–Kendall's normal deviate with the corrected variance. */
  z: number;
  /** Median absolute deviation of the residuals about the Theil–Sen line. */
  mad: number;
  /** Hamed & Rao's n/n*: how many dependent points are worth one independent point; ≥ 1. */
  dependence: number;
}

/** The k-th smallest of the first n entries; reorders them. */
function select(a: Float64Array, n: number, k: number): number {
  let lo = 0;
  let hi = n - 1;
  while (lo < hi) {
    const pivot = a[(lo + hi) >> 1]!;
    let i = lo;
    let j = hi;
    while (i <= j) {
      while (a[i]! < pivot) i++;
      while (a[j]! > pivot) j--;
      if (i <= j) {
        const held = a[i]!;
        a[i] = a[j]!;
        a[j] = held;
        i++;
        j--;
      }
    }
    if (k <= j) hi = j;
    else if (k >= i) lo = i;
    else break;
  }
  return a[k]!;
}

/** Median of the first n entries (lower one for even n); reorders them. */
export function medianInPlace(a: Float64Array, n: number): number {
  return select(a, n, (n - 1) >> 1);
}

/** Fills `out` from the first n points; n ≥ 4, times strictly increasing. */
export function trend(t: Float64Array, x: Float64Array, n: number, out: Trend): void {
  let s = 0;
  let pairs = 0;
  for (let i = 0; i < n; i++) {
    const xi = x[i]!;
    const ti = t[i]!;
    for (let j = i + 1; j < n; j++) {
      const d = x[j]! - xi;
      if (d > 0) s++;
      else if (d < 0) s--;
      slopes[pairs++] = d / (t[j]! - ti);
    }
  }
  out.slope = medianInPlace(slopes, pairs);
  for (let i = 0; i < n; i++) work[i] = x[i]! - out.slope * t[i]!;
  rankInto(work, n);
  const centre = medianInPlace(work, n);
  for (let i = 0; i < n; i++) work[i] = Math.abs(x[i]! - out.slope * t[i]! - centre);
  out.mad = medianInPlace(work, n);
  out.dependence = autocorrelationFactor(n);
  const variance = ((n * (n - 1) * (2 * n + 5)) / 18) * out.dependence;
  out.z = s === 0 ? 0 : (s - Math.sign(s)) / Math.sqrt(variance);
}

/** Ranks of the first n entries of `a`, into `ranks`; ties are rare (values are averages) and broken by order. */
function rankInto(a: Float64Array, n: number): void {
  ranks.fill(0, 0, n);
  for (let i = 0; i < n; i++) {
    const v = a[i]!;
    for (let j = i + 1; j < n; j++) {
      if (a[j]! < v) ranks[i] = ranks[i]! + 1;
      else ranks[j] = ranks[j]! + 1;
    }
  }
}

/** Hamed & Rao's n/n*: from the significant autocorrelations of the ranks of the residuals; never below 1. */
function autocorrelationFactor(n: number): number {
  const mean = (n - 1) / 2;
  let variance = 0;
  for (let i = 0; i < n; i++) variance += (ranks[i]! - mean) ** 2;
  const bound = 1.645 / Math.sqrt(n);
  let sum = 0;
  // Lags beyond n/3 rest on too few pairs to be estimated.
  for (let lag = 1; lag <= n / 3; lag++) {
    let c = 0;
    for (let i = lag; i < n; i++) c += (ranks[i]! - mean) * (ranks[i - lag]! - mean);
    const rho = c / variance;
    if (Math.abs(rho) > bound) sum += (n - lag) * (n - lag - 1) * (n - lag - 2) * rho;
  }
  return Math.max(1, 1 + (2 * sum) / (n * (n - 1) * (n - 2)));
}
