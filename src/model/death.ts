import type { Evidence, Role } from './attribution.ts';
import type { LeakVerdict } from './finding.ts';
import type { ProcessId, ProcessKey } from './process.ts';

/** Who ended a process. */
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
  'unknown',
] as const;
export type Killer = (typeof KILLERS)[number];

/** Point of the last curve. */
export interface LastPoint {
  readonly atMs: number;
  readonly rssBytes: number;
  readonly pssBytes: number | null;
  readonly swapBytes: number | null;
}

/** What is known of a watched process that is gone. */
export interface Death {
  readonly id: string;
  readonly process: ProcessId & { readonly id: ProcessKey };
  /** Untrusted data. */
  readonly name: string;
  readonly role: Role;
  readonly client: string | null;
  readonly sessionId: string | null;
  readonly startedAtMs: number | null;
  /** Between the last look that saw it and the first that did not. */
  readonly diedAfterMs: number;
  readonly diedBeforeMs: number;
  readonly killer: Killer;
  /** 0–100. */
  readonly confidence: number;
  readonly evidence: readonly Evidence[];
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly curve: readonly LastPoint[];
  readonly lastLeak: { readonly verdict: LeakVerdict; readonly score: number | null; readonly reason: string } | null;
  readonly lastAlerts: readonly string[];
  readonly hostAvailableBytes: number;
  readonly pressureSomePercent: number | null;
  /** Command that takes the session up again; null: none is known, `resumeReason` says why or what to mind. */
  readonly resume: string | null;
  readonly resumeReason: string;
  readonly unknown: Readonly<Record<string, string>>;
}

export interface DeathQuery {
  /** Id of a death, a process key, a pid or a session id; left out: the newest. */
  readonly target?: string | undefined;
  readonly limit?: number | undefined;
}

export interface DeathReport {
  readonly schemaVersion: 1;
  readonly atMs: number;
  readonly deaths: readonly Death[];
  readonly more: number;
  readonly summary: string;
}
