import type { ProcessSample } from '../../model/index.ts';

/** A row of the table: the public sample, which is updated in place, and what the sampler knows beside it. */
export interface Tracked {
  readonly sample: { -readonly [Name in keyof ProcessSample]: ProcessSample[Name] };
  readonly statmPath: string;
  /** Kept descriptor of `statm`; −1: none (over the cap), the file is opened for each look. */
  fd: number;
  tier: number;
  /** Monotonic ms of the next look, and of the next `stat` at the latest. */
  dueMs: number;
  statDueMs: number;
  /** RSS at the last change of more than 1/64: slow creep adds up against it. */
  anchorBytes: number;
  nameHash: number;
  stackStart: number;
  /** Monotonic ms of the last footprint; −Infinity: never. */
  footprintMs: number;
  /** The kernel will not tell us this one's PSS (another user's process). */
  footprintDenied: boolean;
}

/** A row with its identity and nothing read yet. */
export function createRow(pid: number, startTime: number, statmPath: string, fd: number): Tracked {
  return {
    sample: {
      pid,
      startTime,
      key: `${pid}:${startTime}`,
      ppid: 0,
      processGroup: 0,
      sessionLeader: 0,
      tty: 0,
      state: 'unknown',
      rssBytes: 0,
      anonBytes: null,
      cpuMs: 0,
      cpuAtMs: 0,
      threads: null,
      sampledAtMs: 0,
      changedAtMs: 0,
      footprint: null,
    },
    statmPath,
    fd,
    tier: 0,
    dueMs: 0,
    statDueMs: 0,
    anchorBytes: 0,
    nameHash: 0,
    stackStart: 0,
    footprintMs: Number.NEGATIVE_INFINITY,
    footprintDenied: false,
  };
}
