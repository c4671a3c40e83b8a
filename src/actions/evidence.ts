import type { Evidence, Lifecycle, LifeSigns, ProcessKey, Refusal } from '../model/index.ts';
import { refuse } from './define.ts';
import type { Target } from './target.ts';

/** What may be reaped, and what must be true of it still, right before the signal. Pure. */

/** How a process came onto the list. */
export type Reason =
  | { readonly kind: 'group'; readonly verdict: Lifecycle; readonly isAutomatic: boolean }
  /** Somebody named this very process. */
  | { readonly kind: 'named'; readonly only: Lifecycle | undefined };

/** The lowest that any rule of docs/lifecycle.md gives an orphan (60: its agent was seen to die, and it was adopted). */
const LEAST = 60;
/** Nobody reads what automation is about to do: a dead stdin, a known session and one more sign. */
const LEAST_AUTOMATIC = 80;
/** What can be reaped at all; the rest has a client, or is nobody's business. */
const REAPABLE: ReadonlySet<Lifecycle> = new Set(['orphan', 'duplicate', 'stale', 'retained']);

/** Null: it may be planned. */
export function objection({ verdict, signs, pid, ppid }: Target, reason: Reason): Refusal | null {
  if (verdict.verdict === 'zombie') {
    return refuse(
      'unavailable',
      `It has ended already; only its parent, pid ${ppid}, can collect it.`,
      'End the parent.',
    );
  }
  if (!REAPABLE.has(verdict.verdict)) {
    const isUsed = signs?.stdinPeer === 'alive';
    return refuse(
      isUsed ? 'has-client' : 'not-enough-evidence',
      isUsed
        ? 'A client holds the other end of its stdin.'
        : `Nothing says that it is unwanted: it is ${verdict.verdict}.`,
      `Only what is orphan, duplicate, stale or retained is reaped; to end it all the same: kill ${pid}.`,
    );
  }
  if (reason.kind === 'named') {
    if (reason.only === undefined || reason.only === verdict.verdict) return null;
    return refuse('not-enough-evidence', `It is ${verdict.verdict}, not ${reason.only}.`, 'Leave `only` out.');
  }
  if (verdict.verdict !== reason.verdict) {
    return refuse('not-enough-evidence', `It is ${verdict.verdict}, not ${reason.verdict}.`, 'Plan anew.');
  }
  const least = reason.isAutomatic ? LEAST_AUTOMATIC : LEAST;
  if (verdict.confidence < least) {
    return refuse(
      'not-enough-evidence',
      `Only ${verdict.confidence} of 100 sure; ${least} are needed for what nobody named.`,
      `Look at it, and name it: rampart act reap ${pid}.`,
    );
  }
  if (signs?.listening === true) return listens(pid);
  if (verdict.verdict !== 'orphan' && signs?.stdinPeer === 'alive') return held(pid);
  return null;
}

const listens = (pid: number): Refusal =>
  refuse('has-client', 'It listens for clients.', `Look who uses it, and name it: rampart act reap ${pid}.`);
const held = (pid: number): Refusal =>
  refuse('has-client', 'A client holds the other end of its stdin.', `Name it to end it all the same: ${pid}.`);

/** An orphan that still works may be finishing what it was asked: five minutes are longer than tool calls take. */
export const FINISHING_MS = 5 * 60_000;
/** As the verdict's (src/agents/lifecycle/options.ts): timers of an idle server take 0.1–2 % of a core. */
const BUSY_SHARE = 0.05;
/** A second: idle `npm exec` chains read up to 26 KB in one of their own accord; whoever works on files reads far more. */
const BUSY_BYTES = 256 * 1024;

/** Two readings of one process, some time apart. */
export interface Reading {
  readonly atMs: number;
  readonly cpuMs: number | null;
  readonly readBytes: number | null;
}

/** Null: it may be signalled now. `signs`: read this moment; absent: it is gone. */
export function lastObjection(
  target: Target,
  signs: LifeSigns | undefined,
  between: readonly [Reading, Reading] | null,
  reason: Reason,
  nowMs: number,
): Refusal | null {
  if (signs === undefined) return refuse('gone', 'It has ended by itself.', 'Nothing is left to do.');
  if (reason.kind === 'named') return target.verdict.verdict === 'orphan' ? newClient(target, signs) : null;
  if (signs.listening === true) return listens(target.pid);
  return newClient(target, signs) ?? (between === null ? null : works(target, between, nowMs));
}

function newClient({ signs: before, pid }: Target, now: LifeSigns): Refusal | null {
  if (now.stdinPeer === 'alive') return held(pid);
  const isSame = before === null || before.stdinChannel === now.stdinChannel;
  return isSame ? null : refuse('has-client', 'Its stdin is another channel than before.', 'Plan anew.');
}

function works({ verdict }: Target, [first, last]: readonly [Reading, Reading], nowMs: number): Refusal | null {
  const elapsedMs = last.atMs - first.atMs;
  if (elapsedMs <= 0 || nowMs - (verdict.sinceMs ?? nowMs) >= FINISHING_MS) return null;
  const share = first.cpuMs === null || last.cpuMs === null ? 0 : (last.cpuMs - first.cpuMs) / elapsedMs;
  const read = first.readBytes === null || last.readBytes === null ? 0 : last.readBytes - first.readBytes;
  if (share < BUSY_SHARE && (read * 1000) / elapsedMs < BUSY_BYTES) return null;
  return refuse(
    'not-enough-evidence',
    `It works at this moment (${Math.round(share * 100)} % of a core, ${read} bytes read): it may be finishing.`,
    `What has no client for ${FINISHING_MS / 60_000} min is reaped although it works; or name it.`,
  );
}

/** A process below one that goes: whether it goes with it. */
export function descendantObjection(
  target: Target,
  signs: LifeSigns | undefined,
  isInsideTree: boolean,
): Refusal | null {
  const { attribution, verdict } = target;
  const keep = (reason: string): Refusal => refuse('not-enough-evidence', reason, 'Judge it on its own.');
  if (attribution.role === 'agent') return keep('It is an agent of its own.');
  if (attribution.agent !== null && !isInsideTree) return keep(`It belongs to the live agent ${attribution.agent}.`);
  if (signs?.listening === true) return listens(target.pid);
  const isDetached = target.sessionLeader === target.pid;
  if (isDetached && signs?.hasChannel !== true) {
    return keep('It runs in a POSIX session of its own without a channel to anybody, as a daemon does.');
  }
  return verdict.verdict === 'busy' && isDetached ? keep('It is busy, in a POSIX session of its own.') : null;
}

/** Its parent has just gone: whoever holds its stdin now is another client. */
export function lastObjectionBelow(target: Target, signs: LifeSigns | undefined): Refusal | null {
  if (signs === undefined) return refuse('gone', 'It has ended with its parent.', 'Nothing is left to do.');
  if (signs.listening === true) return listens(target.pid);
  return signs.stdinPeer === 'alive' ? held(target.pid) : null;
}

export const belowEvidence = (root: ProcessKey): Evidence => ({
  kind: 'below',
  detail: `It hangs below ${root}, which goes.`,
});
