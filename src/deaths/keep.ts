import type { ExitStatus, Killer, LeakVerdict, Role } from '../model/index.ts';
import type { Judgement } from './judge.ts';
import { signalOf } from './exit-status.ts';

export interface Candidate {
  readonly role: Role;
  readonly peakRssBytes: number;
  /** Null: its start is not known. */
  readonly ageMs: number | null;
  readonly leak: LeakVerdict | null;
  readonly agentLives: boolean;
}

const MIB = 1024 * 1024;
/** What a session of Claude Code weighs with its servers; a tool below it is no loss to any memory, whoever ended it. */
export const LARGE_BYTES = 512 * MIB;

/** A command in the background, which is what agents' own reapers end, lives longer than most in the foreground. */
const BACKGROUND_MS = 60_000;

/** These act because of memory, so each is worth knowing whatever it hit. */
const FOR_MEMORY: ReadonlySet<Killer> = new Set([
  'kernel-oom',
  'systemd-oomd',
  'earlyoom',
  'v8-heap-limit',
  'claude-reaper',
  'rampart',
]);

/**
 * Whether a look at the signs is worth its price. A tool that an agent ran is not, unless it was large or leaked, or its
 * end is known and was no ordinary one: there are hundreds an hour.
 */
export function mayMatter({ role, peakRssBytes, leak, ageMs }: Candidate, exit: ExitStatus | null): boolean {
  if (role === 'agent' || role === 'server') return true;
  if (isLeak(leak) || peakRssBytes >= LARGE_BYTES) return true;
  if (exit !== null) return role !== 'other' && signalOf(exit) !== null;
  return role === 'tool' && ageMs !== null && ageMs >= BACKGROUND_MS;
}

export interface Kept {
  readonly ordinary: boolean;
  /** Null: not kept. */
  readonly reason: string | null;
}

/** Whether a death is remembered, and why. */
export function keep(
  candidate: Candidate,
  { killer, confidence }: Judgement,
  exit: ExitStatus | null,
  userGone: boolean,
): Kept {
  const { role, leak, peakRssBytes, agentLives } = candidate;
  const left = killer === 'exit' && (exit === null || exit.code === 0);
  const ordinary = left || (userGone && role !== 'agent' && (killer === 'signal' || killer === 'exit'));
  if (role === 'agent') return { ordinary, reason: 'It was an agent: its session ended with it.' };
  if (FOR_MEMORY.has(killer) && confidence >= 50) return { ordinary: false, reason: 'It was ended because of memory.' };
  if (isLeak(leak)) return { ordinary, reason: 'It was under suspicion of a leak.' };
  // Builds and tests leave with a code other than 0 all day; a server that leaves at all is news.
  const leftWithCode = exit !== null && signalOf(exit) === null;
  if (role !== 'server' && (ordinary || leftWithCode)) return { ordinary: true, reason: null };
  if (role === 'server') {
    if (agentLives) return { ordinary, reason: 'It was a server, and its agent lives on.' };
    return { ordinary, reason: ordinary ? null : 'It was a server that did not leave in order.' };
  }
  return { ordinary, reason: peakRssBytes >= LARGE_BYTES ? 'It was large.' : null };
}

const isLeak = (verdict: LeakVerdict | null): boolean => verdict === 'suspected' || verdict === 'leaking';
