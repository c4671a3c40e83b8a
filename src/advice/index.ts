import type { AdviceQuery, AdviceReport, Observation, Recommendation } from '../model/index.ts';
import { collectGarbage } from './causes/collect-garbage.ts';
import { databaseSize } from './causes/database-size.ts';
import { exhaustion } from './causes/exhaustion.ts';
import { fanOut } from './causes/fan-out.ts';
import { heapCap } from './causes/heap-cap.ts';
import { leak } from './causes/leak.ts';
import { lookInside } from './causes/look-inside.ts';
import { reap } from './causes/reap.ts';
import { retainedSession } from './causes/retained-session.ts';
import { swapBound } from './causes/swap-bound.ts';
import { transcriptSize } from './causes/transcript-size.ts';
import { wrapperTax } from './causes/wrapper-tax.ts';
import type { Advice, Known } from './define-advice.ts';
import { adviceReport, rank } from './rank.ts';

export { RECOMMENDATION_LIMITS } from './rank.ts';

export type { Known } from './define-advice.ts';
export { isLeaky, KNOWN_LEAKS, type KnownLeak } from './known-leaks.ts';
export * from './learning/index.ts';
export { automationCandidates, type Candidate, type Triggers } from './automation.ts';

/** Every cause, in the order of docs/advice.md. */
export const CAUSES: readonly Advice[] = [
  exhaustion,
  leak,
  reap,
  retainedSession,
  wrapperTax,
  fanOut,
  collectGarbage,
  lookInside,
  heapCap,
  swapBound,
  transcriptSize,
  databaseSize,
];

/** What to do now, best first. Pure. */
export function recommend(observation: Observation, known: Known): Recommendation[] {
  return rank(CAUSES, observation, known);
}

export function report(observation: Observation, known: Known, query: AdviceQuery): AdviceReport {
  return adviceReport(recommend(observation, known), query, observation);
}
