import type { Lifecycle, Outcome, OutcomeResult, PlannedTarget, Refusal, TargetOutcome } from '../../model/index.ts';
import type { Action, Selection } from '../define.ts';
import { belowEvidence } from '../evidence.ts';
import type { Effect } from './measure.ts';
import { footprintBytes, type Target, type View } from '../target.ts';
import { bytesText, countText } from '../words.ts';

/** Plans and outcomes as they are shown. Pure; only our own words in summaries. */

export function plannedTarget({ target, below, refusal }: Selection, steps: readonly string[]): PlannedTarget {
  const { id, pid, startTime, name, attribution, verdict } = target;
  return {
    process: { id, pid, startTime },
    name,
    role: attribution.role,
    sessionId: attribution.sessionId,
    verdict: verdict.verdict,
    footprintBytes: footprintBytes(target),
    steps: refusal === null ? steps : [],
    evidence: below === null ? verdict.evidence : [belowEvidence(below), ...verdict.evidence],
    refusal,
  };
}

export function planSummary(action: Action, targets: readonly PlannedTarget[], refusal: Refusal | null): string {
  if (refusal !== null) return `${action.name}: not done. ${refusal.reason}`;
  const open = targets.filter((target) => target.refusal === null);
  const bytes = open.reduce((sum, target) => sum + target.footprintBytes, 0);
  const kept = targets.length - open.length;
  const rest = kept === 0 ? '' : `; ${countText(kept, 'other is', 'others are')} left alone`;
  return `${action.name}: ${countText(open.length, 'process', 'processes')} of together ${bytesText(bytes)}${rest}. Nothing was touched yet.`;
}

export function outcomeSummary(
  action: Action,
  targets: readonly TargetOutcome[],
  result: OutcomeResult,
  effect: Effect | null,
): string {
  const count = targets.filter((target) => target.done).length;
  const head = `${action.name}: done to ${count} of ${countText(targets.length, 'process', 'processes')}`;
  // What aims at control or knowledge is not judged by memory, unless that got worse.
  if (action.aim !== 'memory' && result === 'unclear') return `${head}.`;
  if (effect === null || count === 0) return `${head}; ${WORDS[result]}.`;
  const { reclaimedBytes, counterfactualBytes, errorBytes } = effect;
  const change =
    reclaimedBytes >= 0
      ? `${bytesText(reclaimedBytes)} less than before`
      : `${bytesText(-reclaimedBytes)} more than before`;
  const anyway =
    counterfactualBytes === null
      ? ' (too little was seen before to say what would have happened anyway)'
      : ` (without it ${bytesText(Math.abs(counterfactualBytes))} ${counterfactualBytes >= 0 ? 'less' : 'more'}, ± ${bytesText(errorBytes ?? 0)})`;
  return `${head}; they use ${change}${anyway}: ${WORDS[result]}.`;
}

const WORDS: Readonly<Record<OutcomeResult, string>> = {
  helped: 'it helped',
  'no-effect': 'it changed nothing that counts',
  harmful: 'it did harm',
  unclear: 'the figures do not say whether it helped',
  failed: 'it could not be carried out',
  refused: 'it was refused',
};

/** Under which name, and for which finding, the outcome is an experience. */
export function experienceOf(
  targets: readonly Target[],
  view: View,
  fallback: string,
): Pick<Outcome, 'role' | 'finding'> {
  const names = new Set(targets.map(({ experience }) => experience));
  const first = targets[0];
  const role = names.size === 1 && first !== undefined ? first.experience : fallback;
  return { role, finding: findingOf(first, view) };
}

const NOTABLE: ReadonlySet<Lifecycle> = new Set(['orphan', 'duplicate', 'stale', 'retained']);

function findingOf(target: Target | undefined, view: View): Outcome['finding'] {
  if (target === undefined) return 'none';
  if (NOTABLE.has(target.verdict.verdict)) return target.verdict.verdict;
  return target.leak ?? (view.severity === 'ok' ? 'none' : 'pressure');
}

/** An outcome of nothing yet. */
export function blankOutcome(line: Pick<Outcome, 'id' | 'action' | 'origin' | 'risk'>, nowMs: number): Outcome {
  return {
    ...line,
    role: 'none',
    finding: 'none',
    startedAtMs: nowMs,
    endedAtMs: nowMs,
    settledAfterMs: null,
    before: null,
    after: null,
    reclaimedBytes: null,
    counterfactualBytes: null,
    errorBytes: null,
    result: 'refused',
    targets: [],
    undo: { possible: false, reason: 'Nothing was done.' },
    error: null,
    summary: '',
  };
}
