import type { GrowthEstimate, LeakForecast, Limit } from '../model/index.ts';

export interface TrendOptions {
  /** One point so often at most; between two the least value counts, so that a short peak is no growth. */
  readonly everyMs: number;
  /** The window is `everyMs × points` long. */
  readonly points: number;
}

/** A straight line through the last points. */
export interface Line extends GrowthEstimate {
  /** Part of the variance that the line explains. */
  readonly r2: number;
  /** Slope of the second half over that of the first: 1 for steady growth, towards 0 for what saturates. */
  readonly pace: number;
  readonly riseBytes: number;
}

/** A window of a figure that may be growing towards a limit within the hour: too short for the leak detectors. */
export interface Trend {
  push(tMs: number, value: number): void;
  /** Null: less than two thirds of the window is filled, or with too few points. */
  line(): Line | null;
}

const HOUR_MS = 3_600_000;
/**
 * Points of a figure that wanders are not independent: the slope's standard error under independence is doubled, as for a
 * lag-1 correlation of .6 (√((1+.6)/(1−.6)) = 2).
 */
const ERROR_INFLATION = 2;

/** Two halves of four points each can be compared. */
const MIN_POINTS = 8;

export function createTrend({ everyMs, points }: TrendOptions): Trend {
  let times: number[] = [];
  let values: number[] = [];
  return {
    push(tMs, value) {
      const last = times.at(-1);
      // A clock that was set back, or a gap as long as half of the window: what came before belongs to another line.
      if (last !== undefined && (tMs < last || tMs - last > (everyMs * points) / 2)) {
        times = [];
        values = [];
      }
      const open = times.at(-1);
      if (open !== undefined && tMs - open < everyMs) {
        values[values.length - 1] = Math.min(values.at(-1) ?? value, value);
        return;
      }
      times.push(tMs);
      values.push(value);
      while (tMs - (times[0] ?? tMs) > everyMs * points) {
        times.shift();
        values.shift();
      }
    },
    line() {
      const spanMs = (times.at(-1) ?? 0) - (times[0] ?? 0);
      if (times.length < MIN_POINTS || spanMs < (everyMs * points * 2) / 3) return null;
      return fit(times, values);
    },
  };
}

function fit(times: readonly number[], values: readonly number[]): Line {
  const first = times[0] ?? 0;
  const last = times.at(-1) ?? 0;
  const whole = slopeOf(times, values, 0, times.length);
  const middle = times.length >> 1;
  const early = slopeOf(times, values, 0, middle).slope;
  const late = slopeOf(times, values, times.length - middle, times.length).slope;
  const n = times.length;
  const residual = Math.sqrt(whole.residual / Math.max(1, n - 2));
  return {
    sinceMs: first,
    atMs: last,
    levelBytes: whole.meanValue + whole.slope * (last - whole.meanTime),
    ratePerHourBytes: whole.slope * HOUR_MS,
    rateErrorPerHourBytes: (residual / Math.sqrt(whole.timeSpread)) * HOUR_MS * ERROR_INFLATION,
    noiseBytes: residual,
    r2: whole.valueSpread > 0 ? 1 - whole.residual / whole.valueSpread : 0,
    pace: early > 0 ? late / early : late > 0 ? 1 : 0,
    riseBytes: whole.slope * (last - first),
  };
}

function slopeOf(times: readonly number[], values: readonly number[], from: number, to: number) {
  const n = to - from;
  let meanTime = 0;
  let meanValue = 0;
  for (let i = from; i < to; i += 1) {
    meanTime += (times[i] ?? 0) / n;
    meanValue += (values[i] ?? 0) / n;
  }
  let timeSpread = 0;
  let together = 0;
  let valueSpread = 0;
  for (let i = from; i < to; i += 1) {
    const t = (times[i] ?? 0) - meanTime;
    const v = (values[i] ?? 0) - meanValue;
    timeSpread += t * t;
    together += t * v;
    valueSpread += v * v;
  }
  const slope = timeSpread > 0 ? together / timeSpread : 0;
  return {
    slope,
    meanTime,
    meanValue,
    timeSpread,
    valueSpread,
    residual: Math.max(0, valueSpread - slope * together),
  };
}

/** A line straight enough to be extended: neither saw-tooth nor steps, and not slowing down. */
export function isStraight({ r2, pace }: Line): boolean {
  return r2 >= MIN_R2 && pace >= MIN_PACE;
}

/** As in the detectors' fast lane: a line that explains nine tenths is neither saw-tooth nor steps. */
const MIN_R2 = 0.9;
/** Saturating growth halves its pace from one half of the window to the next; what runs away keeps it. */
const MIN_PACE = 0.6;

/** Half-width of the 80 % interval of the slope in standard errors: Student's t with 12 degrees of freedom and more. */
const T_80 = 1.36;
/** As for the forecast of a leak: no interval is narrower than this share of the rate. */
const LEAST_RATE_ERROR = 0.03;

/** When the line reaches the limit that it counts against, going on as it does. Null: it does not rise. */
export function reach(line: Line, limit: Limit): LeakForecast | null {
  const { headroomBytes, limitBytes, source } = limit;
  const rate = line.ratePerHourBytes;
  if (headroomBytes === null || rate <= 0) return null;
  const error = Math.max(line.rateErrorPerHourBytes * T_80, rate * LEAST_RATE_ERROR);
  const at = (perHour: number): number => line.atMs + (headroomBytes / perHour) * HOUR_MS;
  return {
    limitBytes,
    limitSource: source,
    atMs: at(rate),
    earliestMs: at(rate + error),
    latestMs: rate > error ? at(rate - error) : null,
    confidence: 0.8,
  };
}
