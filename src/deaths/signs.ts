import type { AuditEntry, ExitStatus, LastPoint, LogLine, ProcessKey, Role, Runtime } from '../model/index.ts';

/** The process that is gone, as it was last seen. */
export interface Deceased {
  readonly key: ProcessKey;
  readonly pid: number;
  readonly role: Role;
  readonly runtime: Runtime;
  readonly client: string | null;
  readonly sessionId: string | null;
  /** Path of its memory cgroup inside the hierarchy. */
  readonly cgroup: string | null;
  readonly rssBytes: number;
  readonly anonBytes: number | null;
  /** When the two figures above were read. */
  readonly seenAtMs: number;
}

/** How often the kernel's OOM killer struck since before the death; null: not known. */
export interface OomCounts {
  /** By `/proc/vmstat`, which counts every one of them, in cgroups too. */
  readonly host: number | null;
  /** In its own cgroup, by `memory.events` (v2) or `memory.oom_control` (v1). */
  readonly cgroup: number | null;
  /** Processes that ended meanwhile and that the killer may have meant, this one included. */
  readonly candidates: number;
}

/** What Claude Code wrote about the background tasks of the session. */
export interface TaskEndings {
  /** A background command was reported as killed, nearest to the death; null: none was. */
  readonly killedAtMs: number | null;
  /** The model or its user asked for that (TaskStop, KillShell) shortly before. */
  readonly stopAsked: boolean;
}

/** Everything that was found out about one death. Null is "not known"; it never counts as "no". */
export interface DeathSigns {
  readonly process: Deceased;
  readonly diedAfterMs: number;
  readonly diedBeforeMs: number;
  readonly exit: ExitStatus | null;
  readonly oom: OomCounts;
  /** Lines of the kernel's and the out-of-memory daemons' logs around the death; null: none could be read. */
  readonly kernelLog: readonly LogLine[] | null;
  readonly daemonLog: readonly LogLine[] | null;
  /** Daemons that were seen running; null: the process table could not tell. */
  readonly daemons: { readonly systemdOomd: boolean; readonly earlyoom: boolean } | null;
  /** Lines of our own audit log about this process. */
  readonly audit: readonly AuditEntry[];
  readonly tasks: TaskEndings | null;
  /** Claude Code's record of the session is still there: it removes it when it leaves in order. */
  readonly recordLeft: boolean | null;
  /** Node's diagnostic report of this pid. */
  readonly report: { readonly event: string; readonly trigger: string } | null;
  /** A core file of this process. */
  readonly core: boolean;
  readonly heapLimitBytes: number | null;
  /** Whoever used it (the agent of a server or tool) had ended, or ended in the same moment. */
  readonly userGone: boolean;
  readonly agentIdleMs: number | null;
  /** Others of the same agent's tools that ended in the same moment. */
  readonly siblings: number;
  readonly pressureSomePercent: number | null;
  readonly availableShare: number | null;
  readonly curve: readonly LastPoint[];
  /** The machine was started anew since. */
  readonly rebooted: boolean;
}

/** A log tells the second, and the kernel's clock is converted: a line belongs to a death when it is this near. */
export const LOG_SLACK_MS = 3_000;

export function isNear(
  atMs: number,
  { diedAfterMs, diedBeforeMs }: Pick<DeathSigns, 'diedAfterMs' | 'diedBeforeMs'>,
  slackMs = LOG_SLACK_MS,
): boolean {
  return atMs >= diedAfterMs - slackMs && atMs <= diedBeforeMs + slackMs;
}
