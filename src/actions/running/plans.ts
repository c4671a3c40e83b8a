import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ActionPlan, ActionRequest, ProcessKey } from '../../model/index.ts';

/** A plan that waits for its word. */
export interface Waiting {
  readonly id: string;
  readonly request: ActionRequest;
  /** The processes that were shown, and may be touched: no other is, whatever has come since. */
  readonly allowed: ReadonlySet<ProcessKey>;
  readonly expiresAtMs: number;
}

/** A person reads a plan and answers within minutes; after that it describes another machine. */
export const PLAN_LIFE_MS = 5 * 60_000;
/** More plans than that wait for nobody: the oldest makes room. */
const MOST_WAITING = 64;

/**
 * Tokens are 256 random bits, given out once and kept as hashes: a dump of our memory opens nothing. Each is good for one
 * plan, once, for five minutes.
 */
export interface Plans {
  keep(waiting: Waiting): NonNullable<ActionPlan['token']>;
  /** Takes the plan out; null: unknown, used, or expired. */
  take(token: string, nowMs: number): Waiting | null;
}

export function createPlans(random: (bytes: number) => Buffer = randomBytes): Plans {
  const waiting: { readonly hash: Buffer; readonly plan: Waiting }[] = [];
  const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();
  return {
    keep: (plan) => {
      const token = random(32).toString('base64url');
      waiting.push({ hash: hashOf(token), plan });
      if (waiting.length > MOST_WAITING) waiting.shift();
      return token;
    },
    take: (token, nowMs) => {
      const hash = hashOf(token);
      // Every one is compared, in constant time each: how long it takes says nothing about how near a guess was.
      const found = waiting.filter((each) => timingSafeEqual(each.hash, hash))[0];
      if (found === undefined) return null;
      waiting.splice(waiting.indexOf(found), 1);
      return nowMs < found.plan.expiresAtMs ? found.plan : null;
    },
  };
}
