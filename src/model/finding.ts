/** What the leak detectors are fed with and what they say. Sizes in bytes, times in ms since the epoch. */

/**
 * One look at one process. Only time and RSS are needed; each further figure sharpens the verdict or names the kind.
 * A figure that is not known is left out or null, never 0.
 */
export interface DetectorSample {
  readonly tMs: number;
  readonly rssBytes: number;
  /** Proportional set size; with swap it is what the process really costs, forks and swapped pages included. */
  readonly pssBytes?: number | null | undefined;
  readonly swapBytes?: number | null | undefined;
  readonly heapUsedBytes?: number | null | undefined;
  /** Memory outside the V8 heap that V8 knows of: Buffers, ArrayBuffers, WebAssembly. */
  readonly externalBytes?: number | null | undefined;
  /** Heap used right after a major collection that ended since the last sample; null: there was none. */
  readonly gcFloorBytes?: number | null | undefined;
  /** Heap used right before that collection. */
  readonly gcBeforeBytes?: number | null | undefined;
  /** Share of one core, 0…; stands for load where nothing better is known. */
  readonly cpuRatio?: number | null | undefined;
  /** Load in any steady unit (requests a second, sessions open): better than CPU, used instead of it. */
  readonly requests?: number | null | undefined;
  readonly threads?: number | null | undefined;
  readonly openFiles?: number | null | undefined;
  readonly children?: number | null | undefined;
  /** Bytes of files that the process keeps: a log, a database, tmpfs. */
  readonly fileBytes?: number | null | undefined;
}

export type LeakVerdict = 'clear' | 'suspected' | 'leaking' | 'insufficient-data';

export type LeakKind =
  | 'v8-heap'
  | 'external'
  | 'native'
  | 'threads'
  | 'descriptors'
  | 'children'
  | 'swap-hidden'
  | 'file-growth'
  | 'unknown';

/** What one detector saw. */
export interface DetectorEvidence {
  readonly name: string;
  /** 0 (nothing) … 1 (as clear as it can be); null: it lacks the figures it needs, `reason` says which. */
  readonly score: number | null;
  readonly detected: boolean;
  /** Named figures behind the score. */
  readonly evidence: Readonly<Record<string, number | null>>;
  /** One plain sentence. */
  readonly reason: string;
}

export interface RateInterval {
  readonly lowBytesPerHour: number;
  readonly highBytesPerHour: number;
  /** Share of such intervals that hold the true rate. */
  readonly confidence: number;
}

/** The growth that a verdict rests on, fit to be extended into the future. */
export interface GrowthEstimate {
  readonly sinceMs: number;
  readonly atMs: number;
  /** Smoothed footprint at `atMs` (RSS, or PSS + swap where known). */
  readonly levelBytes: number;
  readonly ratePerHourBytes: number;
  /** Standard error of the rate, from the scatter between quarters of the window. */
  readonly rateErrorPerHourBytes: number;
  /** Scatter of single blocks about the line. */
  readonly noiseBytes: number;
}

export interface LeakFinding {
  readonly verdict: LeakVerdict;
  /**
   * Calibrated probability that the process leaks now, given what was seen, if half of all processes did; where they are
   * rarer (a real machine) the fleet lowers it by Bayes' rule. docs/leak-detection.md names the population. Null while
   * there is insufficient data.
   */
  readonly score: number | null;
  /** Log-odds behind the score, before calibration: comparable between processes, not a probability. */
  readonly logOdds: number;
  /** Natural log of the e-value against "no trend at all"; the fleet's control of false alarms uses it. */
  readonly logEValue: number;
  /** Highest score so far and its time. */
  readonly peakScore: number | null;
  readonly peakAtMs: number | null;
  /** Null unless the verdict is suspected or leaking. */
  readonly kind: LeakKind | null;
  readonly kindReason: string | null;
  /** What post-GC floors say: the heap's live set grows (confirmed), does not (cleared), or is not known (null). */
  readonly confirmation: 'confirmed' | 'cleared' | null;
  readonly ratePerHourBytes: number | null;
  readonly rateInterval: RateInterval | null;
  readonly sinceMs: number | null;
  readonly growth: GrowthEstimate | null;
  readonly detectors: readonly DetectorEvidence[];
  readonly samples: number;
  /** Samples that could not be used, by reason. */
  readonly rejected: Readonly<Record<'not-finite' | 'negative' | 'duplicate' | 'backwards', number>>;
  /** One plain sentence for a person or a model. */
  readonly reason: string;
}
