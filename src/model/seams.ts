import type { Collection, GcStatistics, HeapFigures, Inspectability, MemorySplit, Culprit } from './inspection.ts';
import type { LogLine, RawExit } from './death.ts';
import type { CgroupMemory, HostSample } from './host.ts';
import type { Footprint, LifeSigns, ProcessFacts, ProcessId, ProcessKey, ProcessSample } from './process.ts';

/** Time, injected. `nowMs` is the wall clock (may jump); `monotonicMs` never goes back: durations use it. */
export interface Clock {
  nowMs(): number;
  monotonicMs(): number;
}

/** What a source can tell on this machine, and if not, why and what would change it. */
export interface Capability {
  readonly name: string;
  readonly works: boolean;
  readonly detail: string;
  readonly fix: string | null;
}

/** One look at everything. */
export interface Sweep {
  readonly atMs: number;
  readonly host: HostSample;
  /** Every live process that may be seen. Owned and updated by the source; valid until the next `sample()`. */
  readonly processes: ReadonlyMap<ProcessKey, ProcessSample>;
  /** Since the last sweep. On the first sweep every process is in `started`. */
  readonly started: readonly ProcessKey[];
  readonly exited: readonly ProcessKey[];
  /** Processes whose memory was really read in this sweep (quiet ones back off). */
  readonly refreshed: readonly ProcessKey[];
  /** Ran another program or renamed itself since the last sweep: `facts` are to be read again. Absent: not known here. */
  readonly execed?: readonly ProcessKey[];
  /** Processes that are listed but may not be read; absent: not known. */
  readonly hidden?: number;
  /** How long the look took. */
  readonly costMs: number;
}

/** Where figures come from. A process that ends while it is read is left out, never an error. */
export interface Source {
  readonly name: string;
  /** `complete`: read every process now, whatever its back-off (a status query, a pressure jump). */
  sample(options?: { readonly complete?: boolean }): Promise<Sweep>;
  /** What a process is; null when it is gone. */
  facts(process: ProcessId): Promise<ProcessFacts | null>;
  /** PSS, USS, swap, read now; null when gone or not permitted. */
  footprint(process: ProcessId): Promise<Footprint | null>;
  /** Signs of life for many at once: shared tables (/proc/net/unix) are read once for all. Gone ones are absent. */
  lifeSigns(
    processes: readonly ProcessId[],
    /** `thorough`: also what costs a listing of descriptors each; for the few that are about to be acted on. */
    options?: { readonly thorough?: boolean },
  ): Promise<ReadonlyMap<ProcessKey, LifeSigns>>;
  /** Figures of a memory cgroup by the path in `ProcessFacts.cgroup` (or its nearest limited ancestor); null when none. */
  cgroupMemory(path: string): Promise<CgroupMemory | null>;
  capabilities(): Promise<readonly Capability[]>;
  close(): Promise<void>;
}

/** A process with its inspector open. Valid inside `Inspector.attach` only. */
export interface OpenInspector {
  heaps(): Promise<readonly HeapFigures[]>;
  gc(windowMs: number): Promise<GcStatistics>;
  /** Forces a full collection in every isolate. */
  collect(): Promise<Collection>;
  /** Functions whose live allocations grow, from sampling profiles over `durationMs`; at most a twentieth of its speed. */
  culprits(durationMs: number, onProgress?: (doneMs: number) => void): Promise<readonly Culprit[]>;
  /** The whole heap in V8's format, chunk by chunk; the target stands still meanwhile. Answers with the pause in ms. */
  snapshot(
    write: (chunk: string) => void | Promise<void>,
    onProgress?: (done: number, total: number) => void,
  ): Promise<number>;
}

/** Looks into other processes without restarting them, and refuses where that would do harm. */
export interface Inspector {
  /** Whether and how a process can be attached to. Touches nothing. */
  check(process: ProcessId): Promise<Inspectability>;
  /** What can be told without touching it; null when gone or not permitted. */
  split(process: ProcessId): Promise<MemorySplit | null>;
  /**
   * Opens its inspector, does the work, and closes again whatever happens. Throws `RampartError`: 'unsupported' and
   * 'not-permitted' with the reason of `check`, 'not-found' when it is gone, 'service-busy', 'timeout'.
   */
  attach<T>(
    process: ProcessId,
    work: (open: OpenInspector) => Promise<T>,
    /** Told how long it was open, when it is closed again. */
    onClosed?: (openMs: number) => void,
  ): Promise<T>;
  close(): Promise<void>;
}

/**
 * Named append-only files, for history. Names are `[a-z0-9.-]+`. `append` returns after the bytes are written (not
 * synced); a crash may tear the last append and nothing else. Errors are `RampartError('io' | 'not-permitted')`.
 */
export interface Store {
  append(name: string, bytes: Uint8Array): Promise<void>;
  read(name: string): Promise<Uint8Array | null>;
  list(): Promise<readonly { readonly name: string; readonly bytes: number; readonly modifiedMs: number }[]>;
  /** Atomic: readers see the old content or the new, never a part. */
  replace(name: string, bytes: Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
}

/** Tells how processes ended that are not our children, where the system lets anybody know. */
export interface ExitWatch {
  /** Whether it can tell, proved by an end of its own. */
  capability(): Promise<Capability>;
  /** Ends since `afterMs` of those that it heard of. Pids are reused: the first end after that time counts. */
  ask(processes: readonly (ProcessId & { readonly afterMs: number })[]): Promise<ReadonlyMap<ProcessKey, RawExit>>;
  close(): Promise<void>;
}

/** How often the kernel's OOM killer struck since boot. */
export interface OomCounters {
  readonly atMs: number;
  /** All of it; null: not known. */
  readonly host: number | null;
  /** By the path of the memory cgroup; those that could not be read are absent. */
  readonly cgroups: ReadonlyMap<string, number>;
}

/** What deaths leave behind on the machine. Reads only; a trace that may not be read is null, never empty. */
export interface DeathTraces {
  counters(cgroups: Iterable<string>): OomCounters;
  kernelLog(fromMs: number, toMs: number): Promise<readonly LogLine[] | null>;
  /** Lines of systemd-oomd, earlyoom, the keeper of core dumps and the service manager. */
  daemonLog(fromMs: number, toMs: number): Promise<readonly LogLine[] | null>;
  /** Files that a process left in its working directory. */
  files(pid: number, cwd: string | null, fromMs: number): Promise<LeftFiles>;
  capabilities(): Promise<readonly DeathCapability[]>;
}

/** `works` null: there is nothing of the kind on this machine. */
export interface DeathCapability extends Omit<Capability, 'works'> {
  readonly works: boolean | null;
}

export interface LeftFiles {
  /** Node's diagnostic report; only its event and its trigger, since the rest of it holds secrets. */
  readonly report: { readonly event: string; readonly trigger: string } | null;
  readonly core: boolean;
}
