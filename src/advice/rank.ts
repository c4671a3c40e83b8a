import type {
  AdviceQuery,
  AdviceReport,
  Observation,
  ObservedProcess,
  Priority,
  ProcessKey,
  Recommendation,
  RecommendedAction,
} from '../model/index.ts';
import { caseOf } from './cases.ts';
import type { Advice, Draft, Known } from './define-advice.ts';
import { sumEffects } from './effects.ts';
import { objection, price, RISK_PRICE } from './learning/index.ts';
import { countText, sizeText } from '../wording/index.ts';

const ORDER: readonly Priority[] = ['critical', 'high', 'medium', 'low'];
export const RECOMMENDATION_LIMITS = { min: 1, max: 100 } as const;
const DEFAULT_LIMIT = 10;

/** All advice on one observation, best first. */
export function rank(causes: readonly Advice[], observation: Observation, known: Known): Recommendation[] {
  const byId = new Map(observation.processes.map((process) => [process.id, process]));
  return causes
    .flatMap((cause) => cause.look(observation, known).map((draft) => finish(cause, draft, observation, byId, known)))
    .toSorted((a, b) => ORDER.indexOf(a.priority) - ORDER.indexOf(b.priority) || b.rankBytes - a.rankBytes);
}

function finish(
  { type }: Advice,
  { key, ...draft }: Draft,
  { atMs, severity }: Observation,
  byId: ReadonlyMap<ProcessKey, ObservedProcess>,
  { learned }: Known,
): Recommendation {
  const targets = draft.processes.flatMap((id) => byId.get(id) ?? []);
  const isDoubted = (action: RecommendedAction): boolean => {
    const of = caseOf(action, targets, severity);
    const posterior = of === null ? null : learned.posterior(of, atMs);
    return posterior !== null && posterior.own > 0 && objection(posterior) !== null;
  };
  // What harmed or did nothing the last times comes last.
  const doubted = new Set(draft.actions.filter(isDoubted));
  const actions = [...draft.actions.filter((action) => !doubted.has(action)), ...doubted];
  const best = actions.find(({ estimatedImpact }) => estimatedImpact.bytes !== null) ?? actions[0];
  const sizeBytes = targets.reduce((sum, { footprintBytes }) => sum + footprintBytes, 0);
  const of = best === undefined ? null : caseOf(best, targets, severity);
  const risk = best?.risk ?? 'none';
  const priceShare = of === null ? RISK_PRICE[risk] : price(learned.posterior(of, atMs), risk);
  return {
    ...draft,
    id: `${type}-${hash(`${type}\n${key}`)}`,
    type,
    actions,
    estimatedMemorySavings: best?.estimatedImpact ?? sumEffects([], 'there is nothing to do'),
    rankBytes: Math.round((best?.estimatedImpact.lowBytes ?? 0) - priceShare * sizeBytes),
  };
}

export function adviceReport(
  all: readonly Recommendation[],
  { target, type, limit = DEFAULT_LIMIT }: AdviceQuery,
  observation: Observation,
): AdviceReport {
  const inSession = new Set<string>(
    observation.sessions.find(({ sessionId }) => sessionId === target)?.processes ?? [],
  );
  const chosen = all.filter(
    (one) =>
      (type === undefined || one.type === type) &&
      (target === undefined ||
        target === 'host' ||
        one.subject.id === target ||
        one.processes.some((id) => id === target || inSession.has(id))),
  );
  const shown = chosen.slice(0, limit);
  const savings = together(chosen);
  const low =
    savings.lowBytes === null
      ? ''
      : `; together they save ${sizeText(Math.max(0, savings.lowBytes))} to ${sizeText(savings.highBytes ?? 0)}`;
  return {
    schemaVersion: 1,
    atMs: observation.atMs,
    recommendations: shown,
    more: chosen.length - shown.length,
    estimatedMemorySavings: savings,
    summary:
      chosen.length === 0
        ? 'Nothing to do: no leak, no orphan, nothing worth a change.'
        : `${countText(chosen.length, 'recommendation')}${low}. First: ${shown[0]?.title ?? ''}`,
  };
}

/**
 * What all of them save: a process whose memory two of them are about is counted with the first, which is the better one.
 * The rest of the second counts by its share of processes.
 */
function together(all: readonly Recommendation[]) {
  const taken = new Set<ProcessKey>();
  const effects = all.flatMap(({ processes, estimatedMemorySavings: effect }) => {
    if (effect.bytes === null) return [];
    const free = processes.filter((id) => !taken.has(id));
    for (const id of free) taken.add(id);
    const share = processes.length === 0 ? 0 : free.length / processes.length;
    const part = (bytes: number | null): number | null => (bytes === null ? null : Math.round(bytes * share));
    return [
      { ...effect, bytes: part(effect.bytes), lowBytes: part(effect.lowBytes), highBytes: part(effect.highBytes) },
    ];
  });
  return sumEffects(effects, 'what shares a process is counted once');
}

/** FNV-1a (Fowler, Noll & Vo), 32 bits: keys are others' text, and an id must be fit to show. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return (value >>> 0).toString(16).padStart(8, '0');
}
