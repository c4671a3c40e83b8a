/**
 * Day and night: a cycle of 24 h that no load signal explains (nobody measured it, or memory follows something else). Over
 * more than a day the cycle can be told from growth: harmonic regression of memory on time, 24 h and 12 h (Bloomfield,
 * Fourier Analysis of Time Series, 2000, ch. 3), as in seasonal adjustment.
 */

const DAY_S = 86_400;
/** A third more than a day: eight hours are seen twice. */
const MIN_SPAN_S = (4 / 3) * DAY_S;
/** Blocks wider than this (320 min come next) have less than three points on the 12-h harmonic. */
const MAX_BLOCK_S = 4 * 3600;
/** Slow noise or three steps may be traced half-way by four harmonics; four fifths of the variance is a cycle. */
const MIN_EXPLAINED = 0.8;
/** What comes back is alike: correlation of the hours seen twice, and their scatter within this factor of each other. */
const MIN_CORRELATION = 0.8;
const MAX_SCATTER_RATIO = 2;
/** Constant, time, and cosine and sine of 24 h and 12 h. */
const K = 6;

const row = new Float64Array(K);
const matrix = new Float64Array(K * (K + 1));
const solution = new Float64Array(K);

/**
 * Takes a daily cycle out of `x` where there is one. Returns the t statistic of time beside the cycle, or null when the
 * window is too short or shows no cycle; `x` is then unchanged. Times in seconds, any origin.
 */
export function removeDailyCycle(t: Float64Array, x: Float64Array, n: number): number | null {
  const span = t[n - 1]! - t[0]!;
  if (n < 2 * K || span < MIN_SPAN_S || span > MAX_BLOCK_S * (n - 1) || !comesBack(t, x, n)) return null;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += x[i]! / n;
  matrix.fill(0);
  for (let i = 0; i < n; i++) {
    regressors(t[i]!, t[0]!, span);
    for (let a = 0; a < K; a++) {
      for (let b = a; b < K; b++) matrix[a * (K + 1) + b] = matrix[a * (K + 1) + b]! + row[a]! * row[b]!;
      matrix[a * (K + 1) + K] = matrix[a * (K + 1) + K]! + row[a]! * (x[i]! - mean);
    }
  }
  for (let a = 1; a < K; a++) for (let b = 0; b < a; b++) matrix[a * (K + 1) + b] = matrix[b * (K + 1) + a]!;
  // Line alone, from the same sums.
  const n1 = matrix[0]!;
  const st = matrix[1]!;
  const tt = matrix[K + 2]! - (st * st) / n1;
  const line = (matrix[2 * K + 1]! - (st * matrix[K]!) / n1) / tt;
  const height = (matrix[K]! - line * st) / n1;
  const variance = solve();
  if (variance === null) return null;
  let plain = 0;
  let left = 0;
  for (let i = 0; i < n; i++) {
    regressors(t[i]!, t[0]!, span);
    let fitted = 0;
    for (let a = 0; a < K; a++) fitted += solution[a]! * row[a]!;
    plain += (x[i]! - mean - height - line * row[1]!) ** 2;
    left += (x[i]! - mean - fitted) ** 2;
  }
  if (left > (1 - MIN_EXPLAINED) * plain) return null;
  for (let i = 0; i < n; i++) {
    regressors(t[i]!, t[0]!, span);
    for (let a = 2; a < K; a++) x[i] = x[i]! - solution[a]! * row[a]!;
  }
  return left > 0 ? solution[1]! / Math.sqrt((left / (n - K)) * variance) : 0;
}

/**
 * Whether the hours that the window holds twice, a day apart, show the same rise and fall. A few steps or a filling cache
 * are fitted by harmonics as well, but do not come back.
 */
function comesBack(t: Float64Array, x: Float64Array, n: number): boolean {
  const half = (t[n - 1]! - t[0]!) / (n - 1) / 2;
  let m = 0;
  let sa = 0;
  let sb = 0;
  let saa = 0;
  let sbb = 0;
  let sab = 0;
  for (let i = 0, j = 0; j < n; j++) {
    while (i < j && t[i]! < t[j]! - DAY_S - half) i++;
    if (Math.abs(t[j]! - DAY_S - t[i]!) > half) continue;
    const a = x[i]! - x[0]!;
    const b = x[j]! - x[0]!;
    m++;
    sa += a;
    sb += b;
    saa += a * a;
    sbb += b * b;
    sab += a * b;
  }
  if (m < 6) return false;
  const va = saa - (sa * sa) / m;
  const vb = sbb - (sb * sb) / m;
  const c = sab - (sa * sb) / m;
  const ratio = Math.sqrt(vb / Math.max(va, Number.MIN_VALUE));
  return c >= MIN_CORRELATION * Math.sqrt(va * vb) && ratio <= MAX_SCATTER_RATIO && ratio >= 1 / MAX_SCATTER_RATIO;
}

function regressors(t: number, start: number, span: number): void {
  const angle = (2 * Math.PI * t) / DAY_S;
  row[0] = 1;
  // Scaled to −½ … ½, so that the sums are of one size.
  row[1] = (t - start) / span - 0.5;
  row[2] = Math.cos(angle);
  row[3] = Math.sin(angle);
  row[4] = Math.cos(2 * angle);
  row[5] = Math.sin(2 * angle);
}

/** Gauss–Jordan with pivots, into `solution`; also the diagonal element of the inverse for time. Null: singular. */
function solve(): number | null {
  // The right-hand side, and beside it the unit vector of time.
  const unit = [0, 1, 0, 0, 0, 0];
  const w = K + 1;
  for (let c = 0; c < K; c++) {
    let pivot = c;
    for (let r = c + 1; r < K; r++) if (Math.abs(matrix[r * w + c]!) > Math.abs(matrix[pivot * w + c]!)) pivot = r;
    if (Math.abs(matrix[pivot * w + c]!) < 1e-9) return null;
    if (pivot !== c) {
      for (let k = 0; k < w; k++) {
        const held = matrix[c * w + k]!;
        matrix[c * w + k] = matrix[pivot * w + k]!;
        matrix[pivot * w + k] = held;
      }
      const held = unit[c]!;
      unit[c] = unit[pivot]!;
      unit[pivot] = held;
    }
    for (let r = 0; r < K; r++) {
      if (r === c) continue;
      const f = matrix[r * w + c]! / matrix[c * w + c]!;
      if (f === 0) continue;
      for (let k = c; k < w; k++) matrix[r * w + k] = matrix[r * w + k]! - f * matrix[c * w + k]!;
      unit[r] = unit[r]! - f * unit[c]!;
    }
  }
  for (let c = 0; c < K; c++) solution[c] = matrix[c * w + K]! / matrix[c * w + c]!;
  return unit[1]! / matrix[w + 1]!;
}
