import { type Bucket, type MetricsQuery, RampartError } from '../model/index.ts';
import type { Samples } from './samples.ts';

/** More points than any chart has pixels or any model has use for. */
const MAX_POINTS = 2000;

/** What is known of a stretch of time after the samples themselves are gone. */
export interface Summary {
  readonly tMs: number;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly count: number;
}

/**
 * Samples into at most `maxPoints` steps of equal length, in any order. Count, sum, least and greatest value are exactly
 * those of the samples between `fromMs` and `toMs`, both included. A step without samples is left out: gaps stay gaps.
 */
export class Downsampler {
  readonly stepMs: number;
  /** First and last time seen, inside of the window or not. */
  heldFromMs = Infinity;
  heldToMs = -Infinity;
  readonly #fromMs: number;
  readonly #toMs: number;
  readonly #min: Float64Array;
  readonly #max: Float64Array;
  readonly #sum: Float64Array;
  readonly #count: Float64Array;

  constructor(query: Pick<MetricsQuery, 'fromMs' | 'toMs' | 'maxPoints'>) {
    const { fromMs, toMs, maxPoints } = query;
    if (!Number.isFinite(fromMs) || !Number.isFinite(toMs) || toMs < fromMs) {
      throw new RampartError(
        'bad-input',
        `the window ${fromMs} … ${toMs} has no length`,
        'Give fromMs and toMs in ms since the epoch, fromMs first.',
      );
    }
    if (!Number.isInteger(maxPoints) || maxPoints < 1 || maxPoints > MAX_POINTS) {
      throw new RampartError('bad-input', `maxPoints is ${maxPoints}`, `Give a whole number from 1 to ${MAX_POINTS}.`);
    }
    this.#fromMs = Math.floor(fromMs);
    this.#toMs = Math.floor(toMs);
    // Both ends belong to the window, so that "until now" holds the sample taken now.
    this.stepMs = Math.max(1, Math.ceil((this.#toMs - this.#fromMs + 1) / maxPoints));
    const steps = Math.floor((this.#toMs - this.#fromMs) / this.stepMs) + 1;
    this.#min = new Float64Array(steps).fill(Infinity);
    this.#max = new Float64Array(steps).fill(-Infinity);
    this.#sum = new Float64Array(steps);
    this.#count = new Float64Array(steps);
  }

  addAll(samples: Samples): void {
    for (let index = 0; index < samples.count; index += 1) {
      const value = samples.values[index] as number;
      this.add(samples.times[index] as number, value, value, value, 1);
    }
  }

  /** A sample (min = max = sum, count 1) or a summary, which counts where its stretch begins. */
  add(tMs: number, min: number, max: number, sum: number, count: number): void {
    if (tMs < this.heldFromMs) this.heldFromMs = tMs;
    if (tMs > this.heldToMs) this.heldToMs = tMs;
    if (tMs < this.#fromMs || tMs > this.#toMs) return;
    const step = Math.floor((tMs - this.#fromMs) / this.stepMs);
    if (min < (this.#min[step] as number)) this.#min[step] = min;
    if (max > (this.#max[step] as number)) this.#max[step] = max;
    this.#sum[step] = (this.#sum[step] as number) + sum;
    this.#count[step] = (this.#count[step] as number) + count;
  }

  buckets(): Bucket[] {
    const buckets: Bucket[] = [];
    for (let step = 0; step < this.#count.length; step += 1) {
      const count = this.#count[step] as number;
      if (count === 0) continue;
      buckets.push({
        tMs: this.#fromMs + step * this.stepMs,
        min: this.#min[step] as number,
        mean: (this.#sum[step] as number) / count,
        max: this.#max[step] as number,
        count,
      });
    }
    return buckets;
  }
}

/** Samples in time order into summaries of steps that begin at whole multiples of `stepMs`. */
export function summarise(samples: Samples, stepMs: number): Summary[] {
  const summaries: Summary[] = [];
  let open: { tMs: number; min: number; max: number; sum: number; count: number } | null = null;
  for (let index = 0; index < samples.count; index += 1) {
    const value = samples.values[index] as number;
    const tMs = Math.floor((samples.times[index] as number) / stepMs) * stepMs;
    if (open === null || open.tMs !== tMs) {
      open = { tMs, min: value, max: value, sum: value, count: 1 };
      summaries.push(open);
      continue;
    }
    open.min = Math.min(open.min, value);
    open.max = Math.max(open.max, value);
    open.sum += value;
    open.count += 1;
  }
  return summaries;
}
