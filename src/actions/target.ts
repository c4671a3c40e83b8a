import type {
  Attribution,
  Footprint,
  HostSample,
  LeakKind,
  LifecycleVerdict,
  LifeSigns,
  ProcessId,
  ProcessKey,
  Runtime,
  Severity,
} from '../model/index.ts';

/** One process with all that is known of it, copied at one moment. */
export interface Target extends ProcessId {
  readonly id: ProcessKey;
  readonly ppid: number;
  /** Leader of its POSIX session. */
  readonly sessionLeader: number;
  /** Readable and sanitised, and still text of others. */
  readonly name: string;
  readonly command: string;
  readonly cwd: string | null;
  readonly runtime: Runtime;
  readonly uid: number | null;
  readonly startedAtMs: number | null;
  readonly attribution: Attribution;
  readonly verdict: LifecycleVerdict;
  readonly signs: LifeSigns | null;
  /** A file of an agent or of Claude-Flow names it. */
  readonly isRegistered: boolean;
  /** What runs: under this name experience is kept. */
  readonly experience: string;
  readonly leak: LeakKind | null;
  readonly rssBytes: number;
  readonly footprint: Footprint | null;
}

/** Everything at one moment. */
export interface View {
  readonly atMs: number;
  readonly host: HostSample;
  readonly severity: Severity;
  readonly targets: ReadonlyMap<ProcessKey, Target>;
}

export interface Point {
  readonly tMs: number;
  readonly bytes: number;
}

/** What the runner asks of whoever watches. */
export interface ActionWorld {
  /**
   * Looks anew at everything: processes, owners, signs of life, verdicts. `settled`: twice, where a dead stdin was seen only
   * once so far.
   */
  look(options?: { readonly settled?: boolean }): Promise<View>;
  /** Signs of life of a few, read now and thoroughly. */
  signs(processes: readonly ProcessId[]): Promise<ReadonlyMap<ProcessKey, LifeSigns>>;
  /** PSS and swap, read now; null when gone or not permitted. */
  footprint(process: ProcessId): Promise<Footprint | null>;
  /** RSS of the time before; empty: not watched yet. */
  trend(process: ProcessKey, fromMs: number, toMs: number): Promise<readonly Point[]>;
  hostAvailableBytes(): Promise<number>;
}

export const footprintBytes = ({ footprint, rssBytes }: Target): number =>
  footprint === null ? rssBytes : footprint.pssBytes + footprint.swapBytes;

/** Those above a process, nearest first. A "parent" younger than its child is another process with a reused pid. */
export function ancestors(view: View, pid: number): Target[] {
  const byPid = new Map([...view.targets.values()].map((target) => [target.pid, target]));
  const found: Target[] = [];
  let at = byPid.get(pid);
  while (at !== undefined && found.length < 256) {
    const above = byPid.get(at.ppid);
    if (above === undefined || above.startTime > at.startTime || above.pid === at.pid) break;
    found.push(above);
    at = above;
  }
  return found;
}

/** Children of each pid, as of now. */
export function childrenByPid(view: View): ReadonlyMap<number, readonly Target[]> {
  const children = new Map<number, Target[]>();
  for (const target of view.targets.values()) {
    const known = children.get(target.ppid);
    if (known === undefined) children.set(target.ppid, [target]);
    else known.push(target);
  }
  return children;
}
