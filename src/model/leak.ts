import type { LeakFinding, LeakVerdict } from './finding.ts';
import type { ProcessReport } from './report.ts';

export interface LeakQuery {
  /** A process key `pid:startTime` or a session id; left out: everything that is watched. */
  readonly target?: string | undefined;
  /** Findings below this score are left out, 0–1. Default: all of a target; without one, what is suspected or leaking. */
  readonly minScore?: number | undefined;
  /** Judge only what history holds of the last so many ms. Needs a target that is a process. */
  readonly windowMs?: number | undefined;
  /** At most so many findings, worst first; 1 … 100. */
  readonly limit?: number | undefined;
}

/** When growth reaches the limit that binds. Times in ms since the epoch; null where the slow end never gets there. */
export interface LeakForecast {
  readonly limitBytes: number;
  readonly limitSource: string;
  readonly atMs: number;
  readonly earliestMs: number;
  readonly latestMs: number | null;
  /** Share of such intervals that hold the true time. */
  readonly confidence: number;
}

/** One watched process: what the detectors say of it, alone and among all others. */
export interface LeakRow {
  readonly process: ProcessReport;
  /** After the fleet's control of false alarms: 'suspected' where the process's own 'leaking' may be chance among so many. */
  readonly verdict: LeakVerdict;
  /** Probability that it leaks: calibrated, at the base rate of leaks (1 in 20), moved by what earlier processes of
   *  the same command did; null: too young for any. */
  readonly score: number | null;
  readonly finding: LeakFinding;
  readonly forecast: LeakForecast | null;
  /** Why there is no forecast. */
  readonly forecastReason: string | null;
  /** Since when this process is watched. */
  readonly watchedFromMs: number;
  /**
   * When a forced full collection would tell whether what grows is alive, ms since the epoch (past: now); null: nothing
   * grows, it is decided, or the process is no Node program.
   */
  readonly confirmAtMs: number | null;
}

export interface LeakReport {
  readonly schemaVersion: 1;
  readonly atMs: number;
  /** Processes under watch, and how many of them are too young for a verdict. */
  readonly watched: number;
  readonly tooYoung: number;
  readonly findings: readonly LeakRow[];
  /** Findings that `limit` cut off. */
  readonly more: number;
  readonly summary: string;
}
