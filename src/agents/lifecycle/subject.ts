import type { Evidence, Lifecycle, LifecycleVerdict, ProcessKey, RegistryClaim } from '../../model/index.ts';
import { readCommand } from '../command.ts';
import type { LifecycleRow } from './row.ts';
import { isReaperName } from '../tree.ts';
import type { LifecycleOptions } from './options.ts';
import type { Track } from './track.ts';

/** What a rule sees of one process and of what stands around it. */
export interface Subject {
  readonly key: ProcessKey;
  readonly row: LifecycleRow;
  readonly track: Track;
  readonly parent: Subject | null;
  readonly claims: readonly RegistryClaim[];
}

export interface Surroundings {
  readonly nowMs: number;
  readonly options: LifecycleOptions;
  readonly subjects: ReadonlyMap<ProcessKey, Subject>;
  /** Processes by the head of their server chain. */
  readonly chains: ReadonlyMap<ProcessKey, readonly Subject[]>;
  /** Verdicts of this look so far: servers are judged before their wrappers. */
  readonly verdicts: ReadonlyMap<ProcessKey, LifecycleVerdict>;
  readonly isLeaderAlive: (subject: Subject) => boolean;
  /** Chain heads that are superfluous copies → evidence. */
  readonly duplicates: ReadonlyMap<ProcessKey, Finding>;
  /** Daemons of a generation that was replaced → evidence. */
  readonly replaced: ReadonlyMap<ProcessKey, Finding>;
}

export interface Finding {
  readonly verdict: Lifecycle;
  readonly confidence: number;
  readonly evidence: readonly Evidence[];
}

/** One rule: its finding, or null when it has nothing to say. Rules are asked in order; the first finding stands. */
export type Rule = (subject: Subject, around: Surroundings) => Finding | null;

export function finding(verdict: Lifecycle, confidence: number, evidence: readonly (Evidence | null)[]): Finding {
  return { verdict, confidence, evidence: evidence.filter((each) => each !== null) };
}

/** Whether init, the user's systemd or another adopter of orphans is the parent. No sign of death by itself. */
export function isAdopted(subject: Subject): boolean {
  const { parent, track } = subject;
  if (track.adopted) return true;
  const { ppid } = subject.row.sample;
  if (ppid <= 1) return true;
  return parent !== null && isReaperName(readCommand(parent.row.facts).program, parent.row.facts.comm);
}

/** Nobody holds the other end of its stdin, in two looks in a row on the same channel. */
export function hasDeadStdin({ track }: Subject): boolean {
  return track.peer === 'dead' && track.deadLooks >= 2;
}

/** Its agent lived once, as we saw or as its environment says, and does not any more. */
export function isOwnerGone({ row, track }: Subject): boolean {
  if (row.attribution.agent !== null) return false;
  return (
    track.ownerGone ||
    row.attribution.sessionId !== null ||
    row.attribution.evidence.some(({ kind }) => kind === 'remembered')
  );
}

/** Whether its agent stands above it in the tree. */
export function isBelowOwner(subject: Subject): boolean {
  const { agent } = subject.row.attribution;
  if (agent === null) return false;
  for (let at = subject.parent, depth = 0; at !== null && depth < 64; at = at.parent, depth++)
    if (at.key === agent) return true;
  return false;
}

export function quietMs({ track }: Subject, nowMs: number): number {
  return nowMs - (track.lastActiveMs ?? track.firstSeenMs);
}
