import type { ProcessId } from '../../model/index.ts';

/** Who a pid is, read at this very moment. */
export interface Identity extends ProcessId {
  readonly ppid: number;
  /** Real and effective user; null: the platform does not tell. */
  readonly uid: number | null;
  readonly effectiveUid: number | null;
  /** It has ended, and its parent has not collected it. */
  readonly isZombie: boolean;
  readonly isStopped: boolean;
  /** User + system CPU time since its start; null: not told here. */
  readonly cpuMs: number | null;
}

export type SignalName = 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT';

/** sent · gone: ended meanwhile · identity-changed: the pid is another's now · other-user · not-permitted: the system said no. */
export type Touch = 'sent' | 'gone' | 'identity-changed' | 'other-user' | 'not-permitted';

export interface Ran {
  /** Exit status; null: it could not be started, or took too long. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A memory cgroup (v2) of a process, as far as we may write there. */
export interface CgroupPlace {
  /** Inside the hierarchy, e.g. `/user.slice/…/run-7.scope`. */
  readonly path: string;
  /** Of the hierarchy's root; `root + path` is the directory. */
  readonly root: string;
  /** It is a v2 cgroup with the memory controller. */
  readonly hasMemory: boolean;
}

/** How a write went: 'ok', or the system's reason. */
export type Written = 'ok' | { readonly problem: string };

/**
 * The machine, as actions touch it. Everything that goes to a process names an identity, and that is checked again right
 * before: `signal` and `writeOomScoreAdj` never reach a process with the same pid and another start time.
 */
export interface Host {
  readonly platform: NodeJS.Platform;
  /** Our own user; null: the platform has no such number. */
  readonly uid: number | null;
  readonly ownPid: number;
  /** Null: nobody has this pid. */
  identity(pid: number): Identity | null;
  /** Re-reads pid, start time and user, and sends in the same breath: no await lies between. */
  signal(process: ProcessId, signal: SignalName): Touch;
  /** Null: gone, or not told here. */
  oomScoreAdj(process: ProcessId): number | null;
  writeOomScoreAdj(process: ProcessId, value: number): Touch;
  /** Where its memory is accounted; null: gone, or no cgroup v2 here. */
  cgroup(process: ProcessId): CgroupPlace | null;
  /** A cgroup's file; null: it is not there, or may not be read. */
  readCgroup(place: CgroupPlace, file: string): string | null;
  writeCgroup(place: CgroupPlace, file: string, text: string): Written;
  /** Makes, or removes, a cgroup beside or below another. */
  makeCgroup(place: CgroupPlace): Written;
  removeCgroup(place: CgroupPlace): Written;
  /** Runs a program of the system (systemd's) without a shell. */
  run(command: string, args: readonly string[], timeoutMs: number): Promise<Ran>;
  sleep(ms: number): Promise<void>;
}

/** Whether this is still the process that was meant, and it has not ended. */
export function isAlive(host: Host, process: ProcessId): boolean {
  const now = host.identity(process.pid);
  return now !== null && now.startTime === process.startTime && !now.isZombie;
}
