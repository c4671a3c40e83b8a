import {
  RampartError,
  type Clock,
  type HeapChange,
  type Measurement,
  type Outcome,
  type ProcessId,
  type ProcessKey,
  type RampartEvent,
  type Refusal,
  type TargetOutcome,
} from '../../model/index.ts';
import type { Audit } from './audit.ts';
import {
  done,
  notDone,
  refuse,
  type Action,
  type Asking,
  type Doing,
  type Restore,
  type Selection,
} from '../define.ts';
import { isAlive } from '../host/host.ts';
import { effectOf, judge } from './measure.ts';
import { experienceOf, outcomeSummary } from './outcome.ts';
import type { Waiting } from './plans.ts';
import type { Meter } from './settle.ts';
import type { ActionWorld, Target } from '../target.ts';

export interface CarryOut {
  readonly action: Action;
  readonly asking: Asking;
  /** Those of the plan, as they are now. */
  readonly planned: readonly Selection[];
  readonly waiting: Waiting;
  readonly ticket: string | undefined;
  readonly meter: Meter;
  readonly world: ActionWorld;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly publish: (event: RampartEvent) => void;
}

/** Does it to what is still as it was planned, and measures. Throws only when the audit log cannot be written at all. */
export async function carryOut(order: CarryOut): Promise<Outcome> {
  const { action, asking, planned, waiting, meter, clock, audit } = order;
  const { id, request } = waiting;
  const line = { id, action: action.name, origin: request.origin };
  const write = (event: 'refused' | 'started' | 'signal' | 'step', process: ProcessKey | null, detail: string): void =>
    audit.write({ ...line, atMs: clock.nowMs(), event, process, detail });
  let changed = 0;
  // At once: what was changed can be put back also when this is the last that we do.
  const restorable = (restore: Restore): void => {
    changed += 1;
    const process: ProcessKey = `${restore.process.pid}:${restore.process.startTime}`;
    const detail = `can be put back: ${restore.what} ${restore.value}`;
    audit.write({ ...line, atMs: clock.nowMs(), event: 'step', process, detail, restores: [restore] });
  };
  const chosen = planned.filter(({ refusal }) => refusal === null);
  const targets = chosen.map(({ target }) => target);
  const outcomes: TargetOutcome[] = [...leftOut(order)];
  let error: Outcome['error'] = null;

  const startedAtMs = clock.nowMs();
  for (const { process, detail } of outcomes) write('refused', process.id, detail);
  const { measurement: before, trend } = await meter.before(targets, action.aim === 'memory' && !action.ends);
  write('started', null, targets.map((target) => target.id).join(' '));
  try {
    outcomes.push(...(await action.run(chosen, doing(order, write, restorable))));
  } catch (cause) {
    error = explain(cause);
    const known = new Set(outcomes.map(({ process }) => process.id));
    const unsaid = targets.filter((target) => !known.has(target.id));
    outcomes.push(...unsaid.map((target) => brokenOff(target, explain(cause), isAlive(asking.host, target))));
  }
  const { measurement: after, settledAfterMs } = await meter.after(targets);

  const doneTo = new Set(outcomes.filter((outcome) => outcome.done).map(({ process }) => process.id));
  const lost = action.ends ? 0 : targets.filter((each) => doneTo.has(each.id) && !isAlive(asking.host, each)).length;
  const effect = doneTo.size === 0 ? null : effectOf(before, after, trend);
  const result = error === null ? judge({ action, done: doneTo.size, lost, before, effect }) : 'failed';
  const outcome: Outcome = {
    ...line,
    risk: action.risk,
    ...experienceOf(touched(targets, doneTo), asking.view, request.target),
    startedAtMs,
    endedAtMs: clock.nowMs(),
    settledAfterMs,
    before: withHeap(before, outcomes, ({ beforeBytes }) => beforeBytes),
    after: withHeap(after, outcomes, ({ afterBytes }) => afterBytes),
    reclaimedBytes: effect?.reclaimedBytes ?? null,
    counterfactualBytes: effect?.counterfactualBytes ?? null,
    errorBytes: effect?.errorBytes ?? null,
    result,
    targets: outcomes,
    undo: undoOf(action, changed),
    error,
    summary: outcomeSummary(action, outcomes, result, effect),
  };
  const entry = {
    ...line,
    atMs: outcome.endedAtMs,
    event: 'finished',
    process: null,
    detail: outcome.summary,
  } as const;
  return writeLast(audit, { ...entry, outcome }, outcome);
}

/** What the action saw inside its targets; unknown unless it looked into each that it was done to. */
function withHeap(
  measurement: Measurement,
  outcomes: readonly TargetOutcome[],
  pick: (heap: HeapChange) => number,
): Measurement {
  const heaps = outcomes.filter(({ done: isDone }) => isDone).map(({ heap }) => heap);
  const known = heaps.filter((heap) => heap !== null);
  const heapUsedBytes =
    known.length === 0 || known.length < heaps.length ? null : known.reduce((sum, heap) => sum + pick(heap), 0);
  return { ...measurement, heapUsedBytes };
}

/** What was done is done: that its last line could not be written is said in the outcome. */
function writeLast(audit: Audit, record: Parameters<Audit['write']>[0], outcome: Outcome): Outcome {
  try {
    audit.write(record);
    return outcome;
  } catch (cause) {
    return { ...outcome, error: outcome.error ?? explain(cause) };
  }
}

function doing(
  { asking, world, clock, ticket, publish, waiting: { request } }: CarryOut,
  write: (event: 'signal' | 'step', process: ProcessKey | null, detail: string) => void,
  restorable: Doing['restorable'],
): Doing {
  const { host } = asking;
  return {
    ...asking,
    world,
    clock,
    ticket,
    signal: (process: ProcessId, signal, why) => {
      const key: ProcessKey = `${process.pid}:${process.startTime}`;
      // The line first: after a crash in between, the log says one signal too many, and never one too few.
      write('signal', key, `${signal}: ${why}`);
      const touch = host.signal(process, signal);
      if (touch !== 'sent') write('step', key, `${signal} was not sent: ${touch}`);
      return touch;
    },
    step: (process, detail) => write('step', process, detail),
    progress: (done, total, message) => {
      if (ticket === undefined) return;
      publish({ type: 'progress', atMs: clock.nowMs(), ticket, done, total, message: `${request.action}: ${message}` });
    },
    restorable,
  };
}

/** Of the plan, and not to be touched now: changed, or not there any more. */
function leftOut({ planned, waiting, asking }: CarryOut): TargetOutcome[] {
  const found = new Map(planned.map((each) => [each.target.id, each]));
  return [...waiting.allowed].flatMap((key): TargetOutcome[] => {
    const each = found.get(key);
    if (each?.refusal === null) return [];
    const [pid = 0, startTime = 0] = key.split(':').map(Number);
    return [notDone({ pid, startTime }, each?.refusal ?? changedSince(asking.view.targets.get(key)))];
  });
}

function changedSince(now: Target | undefined): Refusal {
  if (now === undefined) return refuse('gone', 'It has ended since it was planned.', 'Nothing is left to do.');
  const code = now.signs?.stdinPeer === 'alive' || now.signs?.listening === true ? 'has-client' : 'not-enough-evidence';
  return refuse(code, `It is ${now.verdict.verdict} now, which it was not when it was planned.`, 'Plan anew.');
}

/** The action stopped in the middle: the audit log says what was sent until then. */
function brokenOff(target: Target, { message, hint }: NonNullable<Outcome['error']>, lives: boolean): TargetOutcome {
  return lives ? notDone(target, refuse('no-audit', `Broken off: ${message}`, hint)) : done(target, 'It has ended.');
}

const touched = (targets: readonly Target[], doneTo: ReadonlySet<ProcessKey>): readonly Target[] => {
  const found = targets.filter(({ id }) => doneTo.has(id));
  return found.length === 0 ? targets : found;
};

function undoOf({ reversible, name }: Action, changed: number): Outcome['undo'] {
  if (!reversible) return { possible: false, reason: `${name} cannot be taken back.` };
  if (changed === 0) return { possible: false, reason: 'Nothing was changed.' };
  return { possible: true, reason: 'rampart undo puts it back.' };
}

function explain(cause: unknown): NonNullable<Outcome['error']> {
  if (cause instanceof RampartError) return { code: cause.code, message: cause.message, hint: cause.hint };
  const message = cause instanceof Error ? cause.message : String(cause);
  return { code: 'internal', message, hint: 'This is a fault of Rampart: see its log.' };
}
