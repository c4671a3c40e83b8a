/** The blocks of a window, and what is measured of them. */

export const MAX_BLOCKS = 32;
/** Keeps divisions defined; far below any figure in bytes or counts. */
export const TINY = 1e-9;

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
  /** Record e-value (log) of the blocks without their daily cycle; NaN where none was taken out. */
  recordLogE: number;
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
    recordLogE: Number.NaN,
    drawdown: 0,
    noise: 0,
  };
}

export interface Prior {
  /** Load coefficient from block differences and its variance (see load.ts). */
  readonly coefficient: number;
  readonly variance: number;
  /** Highest block mean before the window; -Infinity when there was none. */
  readonly peakBefore: number;
  /** Whether the blocks' times are those of the clock: only there a day is a day. */
  readonly byClock: boolean;
}
