import type { ProcessFacts, ProcessKey, ProcessSample } from '../model/index.ts';

/** One process as attribution sees it. Pass the same `facts` object while nothing about the process changed. */
export interface ProcessRow {
  readonly sample: ProcessSample;
  readonly facts: ProcessFacts;
}

export type ProcessRows = ReadonlyMap<ProcessKey, ProcessRow>;
