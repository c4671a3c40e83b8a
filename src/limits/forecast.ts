import type { GrowthEstimate } from '../model/index.ts';

/** When a growing process reaches a limit. Times in ms since the epoch. */
interface Forecast {
  readonly limitBytes: number;
  /** Most likely time. */
  readonly atMs: number;
  readonly earliestMs: number;
  /** Infinity: at the slow end of the interval it never gets there. */
  readonly latestMs: number;
  readonly confidence: number;
}

export type ForecastAnswer =
  | { readonly forecast: Forecast; readonly reason: null }
  | { readonly forecast: null; readonly reason: string };

/**
 * Half-width of the 80 % interval of the rate, in standard errors of the rate: Student's t with 3 degrees of freedom
 * (1.64), widened for growth that changes pace. Set on the development families so that 80 % of forecasts hold.
 */
const RATE_ERRORS = 1.64;
/** The rate of a real leak varies with what the program does: no interval is narrower than this share of the rate. */
const LEAST_RATE_ERROR = 0.03;
/** A forecast needs growth that was watched for a while: before an hour the rate is mostly warm-up. */
const WARM_UP_MS = 3_600_000;

/**
 * Time until `growth`, going on at its pace, reaches the limit. `widen` scales the interval: the adaptive factor of
 * `createConformal` for this process, or 1.
 */
export function forecast(growth: GrowthEstimate | null, limitBytes: number, widen = 1): ForecastAnswer {
  if (!Number.isFinite(limitBytes) || limitBytes <= 0) return { forecast: null, reason: 'the limit is not known' };
  if (growth === null) return { forecast: null, reason: 'nothing grows' };
  const { atMs, sinceMs, levelBytes, ratePerHourBytes: rate, rateErrorPerHourBytes, noiseBytes } = growth;
  if (rate <= 0) return { forecast: null, reason: 'nothing grows' };
  if (atMs - sinceMs < WARM_UP_MS) return { forecast: null, reason: 'growth has been watched for less than an hour' };
  const left = limitBytes - levelBytes;
  if (left <= 0)
    return { forecast: { limitBytes, atMs, earliestMs: atMs, latestMs: atMs, confidence: 0.8 }, reason: null };
  const error = Math.max(rateErrorPerHourBytes * RATE_ERRORS, rate * LEAST_RATE_ERROR) * widen;
  const fast = rate + error;
  const slow = rate - error;
  const hours = (bytes: number, perHour: number): number => (Math.max(0, bytes) / perHour) * 3_600_000;
  return {
    forecast: {
      limitBytes,
      atMs: atMs + hours(left, rate),
      // The scatter of the level moves the crossing on both sides.
      earliestMs: atMs + hours(left - noiseBytes * widen, fast),
      latestMs: slow > 0 ? atMs + hours(left + noiseBytes * widen, slow) : Number.POSITIVE_INFINITY,
      confidence: 0.8,
    },
    reason: null,
  };
}

/**
 * Adaptive conformal calibration (Gibbs & Candès 2021): after each forecast that came due, the factor grows when the truth
 * lay outside and shrinks a little when it lay inside, so that 80 % hold in the long run whatever the process does.
 */
export interface Conformal {
  readonly widen: number;
  /** `held`: whether the truth lay inside the interval. */
  observe(held: boolean): void;
}

/** Step of the log of the factor; a miss widens by 20 %, four hits take it back. */
const STEP = 0.23;

/** `widen`: the factor to start from, as it was kept. */
export function createConformal(widen = 1): Conformal {
  let log = Math.log(widen);
  return {
    get widen() {
      return Math.exp(log);
    },
    observe(held) {
      log += STEP * ((held ? 0 : 1) - 0.2);
      log = Math.min(Math.log(8), Math.max(Math.log(0.25), log));
    },
  };
}
