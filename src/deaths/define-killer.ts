import type { Evidence, Killer } from '../model/index.ts';
import type { DeathSigns } from './signs.ts';

/**
 * How much speaks for a killer, as relative weights: confidence is a weight over the sum of all. The steps are about
 * tenfold, because the signs differ in kind and not by degree: a log that names the pid is not "somewhat better" than a
 * signal that many could have sent. docs/post-mortem.md has the staged deaths that they were checked with.
 */
export const WEIGHT = {
  /** A witness wrote down this very process, near this very moment. */
  named: 300,
  /** The kernel counted such an end just then, and nobody else fits as well. */
  counted: 30,
  /** How it ended fits, and nothing speaks against it. */
  fits: 3,
  /** Cannot be ruled out. */
  possible: 0.3,
  /** Could be, if much had gone unseen. */
  remote: 0.03,
} as const;

export interface Weighed {
  readonly weight: number;
  readonly evidence: readonly Evidence[];
}

export interface KillerCase {
  readonly killer: Killer;
  /** Who or what that is, for sentences: 'the kernel, out of memory'. */
  readonly title: string;
  /** Null: it was not this one. */
  weigh(signs: DeathSigns): Weighed | null;
}

export function defineKiller(one: KillerCase): KillerCase {
  return one;
}

export function weighed(weight: number, kind: string, detail: string): Weighed {
  return { weight, evidence: [{ kind, detail }] };
}
