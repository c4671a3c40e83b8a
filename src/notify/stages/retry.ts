import type { SendFailure } from '../failure.ts';

export type NextStep =
  | { readonly retryInMs: number; /** Whether everything else waits as well. */ readonly all: boolean }
  | { readonly giveUp: string }
  /** No more to this receiver at all. */
  | { readonly disable: string };

export interface Retry {
  /** Older than anybody wants to hear of it: not even a first attempt. It waited while nothing of ours ran. */
  isTooOld(ageMs: number): boolean;
  /** `failures`: attempts that failed, this one included (of the message, or in a row of the whole channel). */
  after(failure: SendFailure, failures: number, ageMs: number): NextStep;
}

/** 5 s, 20 s, 80 s, 5 min, 21 min, 85 min, then every 5 h: the reach of Standard Webhooks' schedule in fewer numbers. */
const FACTOR = 4;
const LONGEST_MS = 5 * 60 * 60_000;
/** A receiver that fell over with many senders must not get them all back in the same second. */
const JITTER = 0.2;
/** A receiver's own wish is heeded this far; beyond it somebody typed a wrong unit. */
const LONGEST_WISH_MS = 24 * 60 * 60_000;

export interface RetryOptions {
  readonly firstMs: number;
  readonly giveUpMs: number;
  /** 0 ≤ random() < 1 */
  readonly random: () => number;
}

export function retry({ firstMs, giveUpMs, random }: RetryOptions): Retry {
  const isTooOld = (ageMs: number): boolean => ageMs >= giveUpMs;
  return {
    isTooOld,
    after(failure, failures, ageMs) {
      if (failure.kind === 'gone') return { disable: failure.message };
      if (isTooOld(ageMs)) return { giveUp: failure.message };
      const step = Math.min(LONGEST_MS, firstMs * FACTOR ** (failures - 1));
      const backoffMs = step * (1 + JITTER * (2 * random() - 1));
      const wishMs = Math.min(LONGEST_WISH_MS, failure.retryAfterMs ?? 0);
      return { retryInMs: Math.ceil(Math.max(backoffMs, wishMs)), all: failure.kind === 'unreachable' };
    },
  };
}
