import type {
  ActionName,
  ActionOrigin,
  ActionParameters,
  CaptureQuery,
  CaptureReport,
  Clock,
  HeapChange,
  Inspector,
  ProcessId,
  ProcessKey,
  Refusal,
  RefusalCode,
  Risk,
  TargetOutcome,
} from '../model/index.ts';
import type { CacheReader } from './host/caches.ts';
import type { Host, SignalName, Touch } from './host/host.ts';
import type { ActionWorld, Target, View } from './target.ts';

/** What actions reach beside the host; null: this program was put together without it. */
export interface Tools {
  readonly host: Host;
  readonly inspector: Inspector | null;
  readonly captures: { capture(query: CaptureQuery): Promise<CaptureReport> } | null;
  readonly caches: CacheReader;
}

/** What an action may look at before anything is touched. */
export interface Asking extends Tools {
  readonly view: View;
  readonly wish: Wish;
  /** What speaks against touching a target at all, whatever the action: owner, protection, kin. Null: nothing. */
  readonly gate: (target: Target) => Refusal | null;
  readonly parameters: ActionParameters;
  readonly settings: ActionSettings;
  readonly origin: ActionOrigin;
}

/** The part of the configuration that actions read. */
export interface ActionSettings {
  readonly graceMs: number;
  /** `actionTriggers.emergencyShutdown`: people and agents may. */
  readonly emergencyShutdown: boolean;
  /** `actionTriggers.automaticShutdown`: automation may. */
  readonly automaticShutdown: boolean;
}

/** What puts one thing back: kept with the outcome, also over a restart. */
export interface Restore {
  readonly process: ProcessId;
  readonly what: 'oom_score_adj' | 'running' | 'limit';
  /** limit: the cgroup or unit whose caps were set. */
  readonly place: string | null;
  /** What was there before. */
  readonly value: string;
}

/** What an action may do to the targets that passed the gate. Each touch is written to the audit log before it happens. */
export interface Doing extends Asking {
  readonly world: ActionWorld;
  readonly clock: Clock;
  /** Name of `progress` events. */
  readonly ticket: string | undefined;
  /** Writes the audit line, checks identity and user, sends. Throws when the line cannot be written: then nothing is sent. */
  signal(process: ProcessId, signal: SignalName, why: string): Touch;
  /** An audit line for what is no signal, before it is done. */
  step(process: ProcessKey | null, detail: string): void;
  progress(done: number, total: number | null, message: string): void;
  /** Called as soon as something was changed that can be put back. */
  restorable(restore: Restore): void;
}

/** A process that is meant, and why it may not be touched, if so. */
export interface Selection {
  readonly target: Target;
  /** Not meant by itself: it hangs below this one, and goes only if that has gone. */
  readonly below: ProcessKey | null;
  readonly refusal: Refusal | null;
}

/** One action: one file, one of these, listed in `index.ts`. */
export interface Action {
  readonly name: ActionName;
  /** One sentence for people: docs/actions.md is made of these. */
  readonly does: string;
  readonly needs: string;
  readonly risk: Risk;
  readonly reversible: boolean;
  /** What its success is: less memory · nothing that memory shows · knowledge. */
  readonly aim: 'memory' | 'control' | 'knowledge';
  /** The targets end, and that is meant. */
  readonly ends: boolean;
  /**
   * Which processes are meant: those that were named, unless the action knows better (a tree, a group). Throws
   * `RampartError('bad-input')` when the name makes no sense for it.
   */
  readonly select?: (asking: Asking, world: ActionWorld) => Promise<readonly Selection[]>;
  /** Null: it can be done to this target here. Looks, and touches nothing. */
  readonly available: (target: Target, asking: Asking) => Promise<Refusal | null>;
  /** Exactly what would happen to it, in order. */
  readonly plan: (target: Target, asking: Asking) => readonly string[];
  readonly run: (selected: readonly Selection[], doing: Doing) => Promise<readonly TargetOutcome[]>;
  /** Puts one thing back; null: nothing to put back. Only where `reversible`. */
  readonly undo?: (restore: Restore, doing: Pick<Doing, 'host' | 'signal' | 'step'>) => Promise<TargetOutcome>;
}

/** What was asked for, resolved. */
export type Wish =
  | { readonly kind: 'named'; readonly targets: readonly Target[] }
  | { readonly kind: 'session'; readonly sessionId: string; readonly targets: readonly Target[] }
  | { readonly kind: 'group'; readonly group: 'orphans' | 'duplicates' | 'retained' };

export const defineAction = (action: Action): Action => action;

export const refuse = (code: RefusalCode, reason: string, hint: string): Refusal => ({ code, reason, hint });

const idOf = ({ pid, startTime }: ProcessId): TargetOutcome['process'] => ({
  id: `${pid}:${startTime}`,
  pid,
  startTime,
});

export const done = (process: ProcessId, detail: string, heap: HeapChange | null = null): TargetOutcome => ({
  process: idOf(process),
  done: true,
  refusal: null,
  detail,
  heap,
});

export const notDone = (process: ProcessId, refusal: Refusal): TargetOutcome => ({
  process: idOf(process),
  done: false,
  refusal,
  detail: refusal.reason,
  heap: null,
});

/** A touch that did not get through, as a refusal. */
export function refusalOf(touch: Exclude<Touch, 'sent'>, { pid }: ProcessId): Refusal {
  switch (touch) {
    case 'gone':
      return refuse('gone', `Process ${pid} has ended.`, 'Nothing is left to do.');
    case 'identity-changed':
      return refuse('identity-changed', `Pid ${pid} belongs to another process now.`, 'Plan anew.');
    case 'other-user':
      return refuse('other-user', `Process ${pid} belongs to another user.`, 'Ask as that user.');
    case 'not-permitted':
      return refuse('unavailable', `The system does not let us touch process ${pid}.`, 'See `rampart doctor`.');
  }
}

/** One after the other, with progress; for actions whose targets do not depend on each other. */
export async function each(
  selected: readonly Selection[],
  doing: Doing,
  work: (target: Target) => Promise<TargetOutcome> | TargetOutcome,
): Promise<TargetOutcome[]> {
  const outcomes: TargetOutcome[] = [];
  for (const { target } of selected) {
    doing.progress(outcomes.length, selected.length, target.id);
    outcomes.push(await work(target));
  }
  return outcomes;
}
