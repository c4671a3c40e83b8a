import type { ActionName } from '../../model/index.ts';

/** What is believed of an action before any outcome: shares of the target's footprint. */
export interface EffectPrior {
  readonly mean: number;
  readonly deviation: number;
  /** Why. */
  readonly reason: string;
}

const ENDS: EffectPrior = {
  mean: 0.9,
  deviation: 0.15,
  reason: 'a process that ended holds nothing; PSS + swap is its share, a page that others map too may stay',
};
const COLLECTS: EffectPrior = {
  mean: 0.05,
  deviation: 0.15,
  reason: 'a healthy heap has little to give, a swollen one up to half of the process',
};
const LOOKS: EffectPrior = { mean: 0, deviation: 0.02, reason: 'it only looks' };
const HOLDS: EffectPrior = {
  mean: 0,
  deviation: 0.05,
  reason: 'it keeps memory from growing and frees none by itself',
};

export const EFFECT_PRIORS: Readonly<Record<ActionName, EffectPrior>> = {
  force_gc: COLLECTS,
  compact_heap: COLLECTS,
  clear_caches: COLLECTS,
  capture: LOOKS,
  heap_snapshot: { mean: -0.02, deviation: 0.05, reason: 'the snapshot itself needs memory for a while' },
  reap: ENDS,
  reclaim: { mean: 0.1, deviation: 0.2, reason: 'cold pages go to swap or back to their files' },
  limit: HOLDS,
  deprioritise: LOOKS,
  suspend: HOLDS,
  resume: LOOKS,
  emergency_shutdown: ENDS,
};

/** How much roles (and kinds of finding) differ in their mean effect, before it was seen: half of the prior's own width. */
export const BETWEEN_SHARE = 0.5;
/** So many siblings' worth of belief in that. */
export const BETWEEN_STRENGTH = 2;
/** So many outcomes' worth of belief in the scatter of single outcomes: with it, Student's t has 4 degrees at least. */
export const SCATTER_STRENGTH = 4;

/** Words of the runner before any was heard: one in thirty damages its target, one in two helps; worth four outcomes. */
export const DAMAGE_PRIOR = 0.03;
export const HELP_PRIOR = 0.5;
export const WORDS_STRENGTH = 4;
