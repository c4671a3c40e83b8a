/**
 * What is usual for a role: a sketch of each figure with logarithmic buckets (DDSketch, Masson, Rim & Lee, VLDB 2019),
 * written here because its buckets must fade and be kept as plain data. Quantiles are right to 5 %.
 */
export interface Sketch {
  /** Weight of what fell into bucket i: values in (γ^(i−1), γ^i]. */
  buckets: Record<string, number>;
  /** Values ever. */
  samples: number;
  atMs: number;
}

/** A quarter is added to what is read here: 5 % does not matter beside it, and keeps a role below a kilobyte. */
const ACCURACY = 0.05;
const LOG_GAMMA = Math.log((1 + ACCURACY) / (1 - ACCURACY));
/** Two decades of a figure are 47 buckets; the lightest go first beyond this. */
const MAX_BUCKETS = 64;
/** Two weeks: what a server usually needs changes with its version and with the work of its user. */
const HALF_LIFE_MS = 14 * 24 * 3_600_000;

export const noSketch = (atMs: number): Sketch => ({ buckets: {}, samples: 0, atMs });

export function push(sketch: Sketch, value: number, atMs: number): void {
  if (!(value > 0) || !Number.isFinite(value)) return;
  const sinceMs = atMs - sketch.atMs;
  // Fading once an hour is enough, and keeps the cost of a value at one bucket.
  if (sinceMs > 3_600_000) {
    const factor = 0.5 ** (sinceMs / HALF_LIFE_MS);
    for (const key of Object.keys(sketch.buckets)) {
      const left = (sketch.buckets[key] ?? 0) * factor;
      if (left < 0.01) delete sketch.buckets[key];
      else sketch.buckets[key] = left;
    }
    sketch.atMs = atMs;
  }
  const key = String(Math.ceil(Math.log(value) / LOG_GAMMA));
  sketch.buckets[key] = (sketch.buckets[key] ?? 0) + 1;
  sketch.samples += 1;
  const keys = Object.keys(sketch.buckets);
  if (keys.length <= MAX_BUCKETS) return;
  const lightest = keys.reduce((a, b) => ((sketch.buckets[a] ?? 0) <= (sketch.buckets[b] ?? 0) ? a : b));
  delete sketch.buckets[lightest];
}

/** Null: nothing was seen. */
export function sketchQuantile({ buckets }: Sketch, q: number): number | null {
  const entries = Object.entries(buckets)
    .map(([key, weight]) => [Number(key), weight] as const)
    .toSorted(([a], [b]) => a - b);
  const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
  if (total <= 0) return null;
  let seen = 0;
  for (const [bucket, weight] of entries) {
    seen += weight;
    // The middle of the bucket in relative terms: off by at most ACCURACY.
    if (seen >= q * total) return (2 * Math.exp(bucket * LOG_GAMMA)) / (1 + Math.exp(LOG_GAMMA));
  }
  return null;
}
