import type { ProcessFacts, ProcessKey, ProcessSample } from '../model/index.ts';

/** One process as attribution sees it. Pass the same `facts` object while nothing about the process changed. */
export interface ProcessRow {
  readonly sample: ProcessSample;
  readonly facts: ProcessFacts;
}

/** A zombie has ended: it owns nothing any more, and its parent may never collect it. */
export function hasEnded({ state }: ProcessSample): boolean {
  return state === 'zombie' || state === 'dead';
}

export type ProcessRows = ReadonlyMap<ProcessKey, ProcessRow>;
