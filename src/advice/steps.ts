import type {
  ActionName,
  ActionParameters,
  AlertSubject,
  ExpectedEffect,
  ObservedProcess,
  ObservedSession,
  Priority,
  Recommendation,
  RecommendedAction,
  Risk,
} from '../model/index.ts';
import { isPlainId } from '../wording/index.ts';

/** The pieces that recommendations are made of. */

const RISKS: Readonly<Record<ActionName, Risk>> = {
  force_gc: 'low',
  compact_heap: 'low',
  clear_caches: 'low',
  capture: 'low',
  heap_snapshot: 'medium',
  reap: 'high',
  reclaim: 'medium',
  limit: 'medium',
  deprioritise: 'low',
  suspend: 'medium',
  resume: 'low',
  emergency_shutdown: 'high',
};

interface Step {
  readonly description: string;
  readonly effect: ExpectedEffect;
  readonly time: string;
}

/** What Rampart can do itself, with the call and the command that ask for it. */
export function automatic(
  action: ActionName,
  target: string,
  { description, effect, time }: Step,
  parameters?: ActionParameters,
): RecommendedAction {
  const isAskable = isPlainId(target);
  return {
    type: action,
    description,
    automated: true,
    estimatedImpact: effect,
    implementationTime: time,
    risk: RISKS[action],
    call: isAskable ? callOf(action, target, parameters) : null,
    command: isAskable ? commandOf(action, target, parameters) : null,
    request: { action, target, ...(parameters === undefined ? {} : { parameters }) },
    configuration: null,
  };
}

function callOf(action: ActionName, target: string, parameters: ActionParameters | undefined): string {
  if (action === 'capture') return `capture_snapshot(target="${target}")`;
  const max = parameters?.maxBytes === undefined ? '' : `, max_bytes=${parameters.maxBytes}`;
  return `apply_optimization(action="${action}", target="${target}"${max})`;
}

function commandOf(action: ActionName, target: string, parameters: ActionParameters | undefined): string {
  if (action === 'force_gc') return `rampart gc ${target}`;
  if (action === 'capture') return `rampart snapshot ${target} --light`;
  if (action === 'limit') return `rampart limit ${target} --max ${parameters?.maxBytes ?? 0}`;
  if (action === 'reap' && /^(?:orphans|duplicates|retained)$/.test(target)) return `rampart cleanup --only ${target}`;
  return `rampart act ${action} ${target}`;
}

/** What a person or an agent does. */
export function manual(
  type: 'restart' | 'configure' | 'upgrade' | 'observe',
  { description, effect, time }: Step,
  how: {
    readonly risk?: Risk;
    readonly call?: string | null;
    readonly command?: string | null;
    readonly configuration?: RecommendedAction['configuration'];
  } = {},
): RecommendedAction {
  const { risk = type === 'restart' ? 'medium' : 'low', call = null, command = null, configuration = null } = how;
  return {
    type,
    description,
    automated: false,
    estimatedImpact: effect,
    implementationTime: time,
    risk: type === 'observe' ? 'none' : risk,
    call,
    command,
    request: null,
    configuration,
  };
}

export const processSubject = ({ id, name }: ObservedProcess): AlertSubject => ({ kind: 'process', id, name });

export const sessionSubject = ({ sessionId, name }: ObservedSession): AlertSubject => ({
  kind: 'session',
  id: sessionId,
  name: name ?? '',
});

export const HOST: AlertSubject = { kind: 'host', id: 'host', name: '' };

const HOUR_MS = 3_600_000;

/** How soon it must be done: when the limit is reached at the earliest. */
export function urgencyOf(earliestMs: number | null, nowMs: number): Recommendation['urgency'] {
  if (earliestMs === null) return 'sometime';
  if (earliestMs - nowMs < HOUR_MS) return 'now';
  return earliestMs - nowMs < 24 * HOUR_MS ? 'today' : 'sometime';
}

/** Shares of the host's limit from which a saving is worth more than a later look: a tenth changes what fits. */
const MUCH = 0.1;
const SOME = 0.01;

/** How much it matters: what is saved, and how soon it must be. */
export function priorityOf(
  savedBytes: number | null,
  limitBytes: number,
  urgency: Recommendation['urgency'] = 'sometime',
): Priority {
  const share = (savedBytes ?? 0) / Math.max(1, limitBytes);
  if (urgency === 'now') return 'critical';
  if (urgency === 'today' || share >= MUCH) return 'high';
  return share >= SOME ? 'medium' : 'low';
}
