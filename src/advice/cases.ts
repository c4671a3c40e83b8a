import {
  ACTION_NAMES,
  type ActionName,
  type Lifecycle,
  type ObservedProcess,
  type RecommendedAction,
  type Severity,
} from '../model/index.ts';
import type { Case } from './learning/index.ts';

/** The case that learning keeps it under; null: a person does it, or it is about several roles. */
export function caseOf(
  { type }: RecommendedAction,
  targets: readonly ObservedProcess[],
  severity: Severity,
): Case | null {
  const action = ACTION_NAMES.find((name) => name === type);
  const [first, ...others] = targets;
  if (action === undefined || first === undefined) return null;
  const of = caseOfProcess(action, first, severity);
  return others.every((other) => same(caseOfProcess(action, other, severity), of)) ? of : null;
}

const same = (a: Case, b: Case): boolean => a.finding === b.finding && a.role === b.role;

/** What was found of a process, by the words that outcomes use. */
export function caseOfProcess(
  action: ActionName,
  { leak, lifecycle, experience: role }: ObservedProcess,
  severity: Severity,
): Case {
  if (LEFT_OVER.has(lifecycle)) return { action, finding: lifecycle, role };
  const isLeak = leak?.verdict === 'leaking' || leak?.verdict === 'suspected';
  if (isLeak) return { action, finding: leak.finding.kind ?? 'unknown', role };
  return { action, finding: severity === 'ok' ? 'none' : 'pressure', role };
}

const LEFT_OVER: ReadonlySet<Lifecycle> = new Set(['orphan', 'duplicate', 'stale', 'retained']);
