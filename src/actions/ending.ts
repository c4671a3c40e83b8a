import type { ProcessKey, Refusal, TargetOutcome } from '../model/index.ts';
import { done, notDone, refusalOf, type Doing } from './define.ts';
import { isAlive } from './host/host.ts';
import type { Target } from './target.ts';

/** Asked right before each signal, for all that are about to get one; absent: go on. */
export type Recheck = (targets: readonly Target[]) => Promise<ReadonlyMap<ProcessKey, Refusal>>;

/** `/proc` answers for two hundred processes in 10 ms; a graceful end takes 25 ms and more. */
const POLL_MS = 25;
/** A killed process with gigabytes takes its time; one in an uninterruptible wait may take for ever. */
const KILL_WAIT_MS = 3_000;

/** What a process is told, in the words of a plan. */
export const endingSteps = (graceMs: number): readonly string[] => [
  'Check its identity and the evidence again.',
  'Send SIGTERM (and SIGCONT, should it be stopped).',
  `Wait up to ${graceMs / 1000} s for it to end.`,
  'Should it still live: check both again, and send SIGKILL.',
];

/**
 * Ends processes, gently first: parents before children, so that no supervisor starts again what was ended, and all at
 * once, so that two hundred take one grace and not two hundred. Evidence and identity are checked anew before SIGTERM and
 * before SIGKILL.
 */
export async function end(
  targets: readonly Target[],
  graceMs: number,
  recheck: Recheck,
  doing: Doing,
): Promise<TargetOutcome[]> {
  const outcomes = new Map<ProcessKey, TargetOutcome>();
  const order = parentsFirst(targets);

  const refused = await recheck(order);
  const told: Target[] = [];
  for (const target of order) {
    const refusal = refused.get(target.id);
    if (refusal !== undefined) {
      outcomes.set(
        target.id,
        refusal.code === 'gone' ? done(target, 'It had ended by itself.') : notDone(target, refusal),
      );
      continue;
    }
    // Both before and after: what was stopped a moment ago would not hear SIGTERM for the whole grace.
    const isStopped = doing.host.identity(target.pid)?.isStopped === true;
    const touch = doing.signal(target, 'SIGTERM', target.verdict.verdict);
    if (touch !== 'sent') {
      outcomes.set(
        target.id,
        touch === 'gone' ? done(target, 'It had ended by itself.') : notDone(target, refusalOf(touch, target)),
      );
      continue;
    }
    if (isStopped) doing.signal(target, 'SIGCONT', 'it was stopped');
    told.push(target);
  }

  const stubborn = await waitForEnd(told, graceMs, doing);
  for (const target of told) if (!stubborn.includes(target)) outcomes.set(target.id, done(target, 'Ended on SIGTERM.'));

  const stillWanted = stubborn.length === 0 ? new Map<ProcessKey, Refusal>() : await recheck(stubborn);
  const killed: Target[] = [];
  for (const target of stubborn) {
    const refusal = stillWanted.get(target.id);
    if (refusal !== undefined && refusal.code !== 'gone') {
      outcomes.set(target.id, notDone(target, { ...refusal, reason: `Got SIGTERM and lives on. ${refusal.reason}` }));
      continue;
    }
    const touch = doing.signal(target, 'SIGKILL', `lives ${graceMs / 1000} s after SIGTERM`);
    if (touch === 'sent') killed.push(target);
    else
      outcomes.set(
        target.id,
        touch === 'gone' ? done(target, 'Ended on SIGTERM.') : notDone(target, refusalOf(touch, target)),
      );
  }
  const undead = await waitForEnd(killed, KILL_WAIT_MS, doing);
  for (const target of killed) {
    outcomes.set(
      target.id,
      undead.includes(target)
        ? notDone(target, {
            code: 'unavailable',
            reason: 'Got SIGKILL and is still there: it waits for a device or a file system.',
            hint: 'It ends when that answers.',
          })
        : done(target, 'Ended on SIGKILL.'),
    );
  }
  return targets.map((target) => outcomes.get(target.id) ?? done(target, 'Ended.'));
}

/** Those that live on after `waitMs`. */
async function waitForEnd(targets: readonly Target[], waitMs: number, doing: Doing): Promise<Target[]> {
  const deadlineMs = doing.clock.monotonicMs() + waitMs;
  let left = targets.filter((target) => isAlive(doing.host, target));
  while (left.length > 0 && doing.clock.monotonicMs() < deadlineMs) {
    doing.progress(targets.length - left.length, targets.length, `${left.length} still to end`);
    await doing.host.sleep(POLL_MS);
    left = left.filter((target) => isAlive(doing.host, target));
  }
  return left;
}

/** By depth within the given ones; equal depths by age. */
function parentsFirst(targets: readonly Target[]): Target[] {
  const byPid = new Map(targets.map((target) => [target.pid, target]));
  const depth = (target: Target): number => {
    let at = byPid.get(target.ppid);
    let steps = 0;
    while (at !== undefined && steps < 64) {
      steps += 1;
      at = byPid.get(at.ppid);
    }
    return steps;
  };
  const depths = new Map(targets.map((target) => [target, depth(target)]));
  return [...targets].sort((a, b) => (depths.get(a) ?? 0) - (depths.get(b) ?? 0) || a.startTime - b.startTime);
}
