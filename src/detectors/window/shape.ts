/** Shape of a window's growth: how it is spread over the window and what it leaves behind. */
import { MAX_BLOCKS, TINY, type WindowStats } from './statistics.ts';

/** Shared by all processes: calls are synchronous and keep nothing. */
const work = new Float64Array(MAX_BLOCKS);

export function novelty(mean: Float64Array, n: number, peakBefore: number, rise: number, noise: number): number {
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

export function shape(
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
