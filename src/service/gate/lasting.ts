import type { Point } from './trend.ts';

/** With three figures to fit, fewer points say nothing of their own scatter. */
const MIN_POINTS = 12;
/** One-sided p < .01. */
const QUANTILE = 2.33;

/** Per ms. */
export interface LastingPace {
  readonly pace: number;
  /** Its lower bound. */
  readonly least: number;
}

/**
 * The pace at which a figure grows for good. What warm code keeps (bytecode, feedback, inline caches, tables)
 * comes ever more slowly, about as the logarithm of the time since the start: that is fitted beside the line and taken out,
 * and what is left is held against the figure's own scatter, wider where that wanders. Null where too little is known.
 */
export function lastingPace(points: readonly Point[], startMs: number): LastingPace | null {
  if (points.length < MIN_POINTS) return null;
  const ages = points.map(({ tMs }) => Math.max(1, tMs - startMs));
  const logs = centred(ages.map((age) => Math.log(age)));
  const times = centred(ages);
  const values = centred(points.map(({ value }) => value));
  // Frisch, Waugh and Lovell: what the logarithm explains of both is taken out, the rest is a line through the origin.
  const line = without(times, logs);
  const growth = without(values, logs);
  const spread = product(line, line);
  if (!(spread > 0)) return null;
  const pace = product(line, growth) / spread;
  const residuals = growth.map((value, i) => value - pace * (line[i] ?? 0));
  const error = Math.sqrt(product(residuals, residuals) / (points.length - 3) / spread);
  return { pace, least: pace - QUANTILE * error * wandering(residuals) };
}

/** Widens a standard error where neighbours err alike: by their correlation, as of a first-order autoregression. */
function wandering(residuals: readonly number[]): number {
  const whole = product(residuals, residuals);
  const rho = whole > 0 ? product(residuals.slice(1), residuals) / whole : 0;
  return Math.sqrt((1 + Math.max(0, rho)) / (1 - Math.max(0, rho)));
}

function centred(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value / values.length, 0);
  return values.map((value) => value - mean);
}

function without(values: readonly number[], cause: readonly number[]): number[] {
  const slope = product(values, cause) / product(cause, cause);
  return values.map((value, i) => value - slope * (cause[i] ?? 0));
}

/** Of the shorter one's length. */
function product(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}
