import type { Random } from '../leaks/families/random.ts';

/** Memory of one process over its age (s), in MiB. Parameters are drawn when the curve is made. */
export type Curve = (ageS: number, tS: number) => number;

export const MIB = 1024 * 1024;
export const HOUR = 3600;

export interface SimProcess {
  readonly id: `${number}:${number}`;
  readonly role: 'agent' | 'server' | 'tool' | 'other';
  session: SimSession | null;
  readonly server: string | null;
  readonly startS: number;
  endS: number;
  readonly baseMib: number;
  readonly curves: Curve[];
  cpu: (tS: number) => number;
  /** Its client has gone at this time. */
  orphanS: number;
  duplicateS: number;
  /** Part of what it gained that lies in swap. */
  swapShare: number;
  noise: number;
  readonly noiseMib: number;
}

export interface SimSession {
  readonly id: string;
  readonly startS: number;
  endS: number;
  /** An incident needs it until the end. */
  pinned: boolean;
  readonly transcript: { bytes: number; perHour: number };
}

export interface Day {
  readonly seconds: number;
  readonly stepS: number;
  readonly random: Random;
  readonly incidents: readonly Incident[];
  readonly live: ReadonlySet<SimProcess>;
  readonly sessions: ReadonlySet<SimSession>;
  readonly memoryTotalBytes: number;
  usedBytes: number;
  /** PSI full and some, percent. */
  pressureFull: number;
  pressureSome: number;
  /** Moves to this time: starts, ends, and figures. */
  advance(tS: number): void;
  bytesOf(process: SimProcess, tS: number): number;
  start(part: Partial<SimProcess> & Pick<SimProcess, 'role'>, tS: number): SimProcess;
  startSession(tS: number): SimSession;
  membersOf(session: SimSession): SimProcess[];
}

export const KINDS = {
  leak: 7,
  'cross-session': 1,
  'session-pile': 1,
  orphans: 3,
  duplicates: 1,
  exhaustion: 2,
  runaway: 2,
  pressure: 2,
  transcript: 1,
} as const;

/** Something that a person wants to hear of. */
export interface Incident {
  readonly kind: keyof typeof KINDS;
  readonly startS: number;
  /** Time of its end; alerts within two hours after that still belong to it. */
  endS: number;
  /** What it is about: process ids, session ids, servers, paths, 'host', 'orphan', … */
  readonly subjects: Set<string>;
  /** What it also causes: an alert about that is not false, but does not name it. */
  readonly effects: ReadonlySet<string>;
  readonly note: string;
  act(tS: number): void;
  press?(tS: number): void;
}
