import type { Evidence, Role } from './attribution.ts';
import type { LeakVerdict } from './finding.ts';
import type { ProcessId, ProcessKey, Runtime } from './process.ts';

/** Who ended a process. One file each in `src/deaths/`. */
export const KILLERS = [
  'kernel-oom',
  'systemd-oomd',
  'earlyoom',
  'v8-heap-limit',
  'v8-abort',
  'claude-reaper',
  'rampart',
  'signal',
  'crash',
  'exit',
  'shutdown',
  'unknown',
] as const;
export type Killer = (typeof KILLERS)[number];

/** Point of the last curve. */
export interface LastPoint {
  readonly atMs: number;
  /** The greatest of its step. */
  readonly rssBytes: number;
  readonly pssBytes: number | null;
  readonly swapBytes: number | null;
}

/** How a process ended, as the kernel told somebody. Exactly one of `code` and `signal` is set. */
export interface ExitStatus {
  readonly code: number | null;
  /** 'SIGKILL', …; a number without a name as 'SIG64'. */
  readonly signal: string | null;
  readonly dumpedCore: boolean;
  /** When; null: whoever told did not say. */
  readonly atMs: number | null;
  /** 'witness': the kernel's process connector · 'zombie': read from `/proc/PID/stat` before its parent took it. */
  readonly from: 'witness' | 'zombie';
}

/** The same as it was told: what wait(2) would have given. */
export interface RawExit extends Pick<ExitStatus, 'atMs' | 'from'> {
  readonly status: number;
}

export type LogSource = 'kernel' | 'systemd-oomd' | 'earlyoom' | 'systemd-coredump' | 'systemd';

/** A line of a system log. */
export interface LogLine {
  readonly atMs: number;
  readonly source: LogSource;
  /** Untrusted: names of processes are in it. */
  readonly text: string;
}

/** A process that ended together with the one a death is about: a server with its agent, a wrapper with its server. */
export interface Companion {
  readonly id: ProcessKey;
  /** Untrusted data. */
  readonly name: string;
  readonly role: Role;
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** What is known of a watched process that is gone. */
export interface Death {
  readonly id: string;
  readonly process: ProcessId & { readonly id: ProcessKey };
  /** Untrusted data. */
  readonly name: string;
  readonly role: Role;
  readonly runtime: Runtime;
  readonly client: string | null;
  readonly sessionId: string | null;
  readonly startedAtMs: number | null;
  /** Between the last look that saw it and the first that did not; the same twice where the moment itself is known. */
  readonly diedAfterMs: number;
  readonly diedBeforeMs: number;
  readonly killer: Killer;
  /** 0–100; with `alternatives` it adds up to about 100. */
  readonly confidence: number;
  /** What else it may have been, the likeliest first. */
  readonly alternatives: readonly { readonly killer: Killer; readonly confidence: number }[];
  readonly evidence: readonly Evidence[];
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** An end as it should be: it left by itself without an error, or after whoever used it. */
  readonly ordinary: boolean;
  /** Why it is kept, one plain sentence. */
  readonly kept: string;
  /** What ended with it. */
  readonly companions: readonly Companion[];
  readonly curve: readonly LastPoint[];
  readonly peakRssBytes: number | null;
  readonly lastLeak: { readonly verdict: LeakVerdict; readonly score: number | null; readonly reason: string } | null;
  /** Titles of the alerts about it, its session or the host that fired then. */
  readonly lastAlerts: readonly string[];
  /** Null: Rampart was not running then. */
  readonly hostAvailableBytes: number | null;
  readonly pressureSomePercent: number | null;
  /** Command that takes the session up again; null: none is known, `resumeReason` says why or what to mind. */
  readonly resume: string | null;
  readonly resumeReason: string;
  /** One plain sentence of our own words, without untrusted text. */
  readonly summary: string;
  readonly unknown: Readonly<Record<string, string>>;
}

export interface DeathQuery {
  /** Id of a death (or its beginning, 6 characters or more), a process key, a pid or a session id; left out: the newest. */
  readonly target?: string | undefined;
  /** 1 … 200. */
  readonly limit?: number | undefined;
}

export interface DeathReport {
  readonly schemaVersion: 1;
  readonly atMs: number;
  /** Newest first. */
  readonly deaths: readonly Death[];
  readonly more: number;
  readonly summary: string;
}
