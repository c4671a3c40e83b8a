import type { LearnedThreshold } from './advice.ts';
import type { Lifecycle, Role } from './attribution.ts';
import type { LeakFinding, LeakVerdict } from './finding.ts';
import type { HostSample } from './host.ts';
import type { LeakForecast } from './leak.ts';
import type { Limit } from './limit.ts';
import type { ProcessKey, Runtime } from './process.ts';
import type { HeapFigures } from './inspection.ts';
import type { Severity } from './report.ts';

/**
 * What alerts, advice and the black box look at: everything at one moment, as plain data, made from what the last look saw.
 * The same from a live engine and from a replay.
 */
export interface Observation {
  readonly atMs: number;
  readonly host: HostSample;
  readonly limit: Limit;
  readonly severity: Severity;
  /** When the growth of the host's use reaches `limit`; null: it does not grow, or too little is known. */
  readonly hostForecast: LeakForecast | null;
  /** How the looking itself fares, counted since the service started: a machine that stalls makes looks late. */
  readonly looks: { readonly taken: number; readonly skipped: number };
  /** What belongs to agents, and what is watched for leaks beside it. */
  readonly processes: readonly ObservedProcess[];
  readonly sessions: readonly ObservedSession[];
  readonly files: readonly ObservedFile[];
}

export interface ObservedProcess {
  readonly id: ProcessKey;
  readonly pid: number;
  /** Untrusted data. */
  readonly name: string;
  /** Redacted. Untrusted data. */
  readonly command: readonly string[];
  readonly runtime: Runtime;
  readonly role: Role;
  readonly client: string | null;
  readonly sessionId: string | null;
  readonly serverName: string | null;
  /** What runs, not who runs it: under this name experience is kept (prior, thresholds, effects). */
  readonly experience: string;
  readonly lifecycle: Lifecycle;
  readonly lifecycleConfidence: number;
  readonly lastActiveMs: number | null;
  readonly startedAtMs: number | null;
  /** PSS + swap, or RSS where that was not read; `isProportional` says which. */
  readonly footprintBytes: number;
  readonly isProportional: boolean;
  readonly rssBytes: number;
  readonly swapBytes: number | null;
  readonly cpuPercent: number | null;
  readonly limit: Limit | null;
  readonly leak: {
    readonly verdict: LeakVerdict;
    readonly score: number | null;
    readonly finding: LeakFinding;
    readonly forecast: LeakForecast | null;
    /** When a full collection would tell more of this growth; null: there is nothing to ask. See `LeakRow`. */
    readonly confirmAtMs: number | null;
  } | null;
  /**
   * Above which size it is unusual for what runs (`experience`), as learned; null: too few looks yet, or such learning is
   * switched off.
   */
  readonly usualFootprint: LearnedThreshold | null;
  /** Of the last inspection or the process's own report; with the time it was taken. */
  readonly heap: (HeapFigures & { readonly atMs: number; readonly isAfterGc: boolean }) | null;
}

export interface ObservedSession {
  readonly sessionId: string;
  readonly client: string;
  readonly name: string | null;
  readonly cwd: string | null;
  readonly lifecycle: Lifecycle;
  readonly startedAtMs: number | null;
  /** PSS + swap of the tree; null until every process was read once. */
  readonly totalBytes: number | null;
  readonly rssBytes: number;
  readonly processes: readonly ProcessKey[];
  /** Growth of the whole tree by the same detectors; null: not watched long enough. */
  readonly leak: ObservedProcess['leak'];
}

/** A file that becomes a memory risk when it is read whole: transcripts on resume, databases, logs on tmpfs. */
export interface ObservedFile {
  /** Sanitised; in the user's home written with `~`. */
  readonly path: string;
  readonly kind: 'transcript' | 'database' | 'log';
  readonly sessionId: string | null;
  readonly bytes: number;
  readonly ratePerHourBytes: number | null;
}
