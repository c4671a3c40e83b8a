import type { Observation, ProcessKey, Recommendation } from '../model/index.ts';
import type { Learning } from './learning/index.ts';
import type { KnownLeak } from './known-leaks.ts';

/** What advice knows beside the observation. */
export interface Known {
  readonly learned: Pick<Learning, 'expected' | 'posterior'>;
  /** Libraries with a known leak that were found beside a leaking program. */
  readonly leakyPackages: ReadonlyMap<ProcessKey, readonly KnownLeak[]>;
}

/** A recommendation before it is ranked. */
export interface Draft extends Omit<Recommendation, 'id' | 'type' | 'rankBytes' | 'estimatedMemorySavings'> {
  /** Tells the causes of one file apart, for ever: a process key, a session id, a server's name. */
  readonly key: string;
}

/** One cause: what to look for and what to do about it. Its effect is that of its first action. */
export interface Advice {
  readonly type: Recommendation['type'];
  /** For docs/advice.md: what it looks for. */
  readonly about: string;
  look(observation: Observation, known: Known): readonly Draft[];
}

export function defineAdvice(advice: Advice): Advice {
  return advice;
}
