import type { Traits } from '../channel.ts';
import type { Stage } from './stage.ts';

export interface Rate extends Stage {
  /** One went out. */
  spend(nowMs: number): void;
}

/** A token bucket: what is too much waits, and nothing is lost by it. An emergency does not wait. */
export function rate(limit: Traits['rate']): Rate {
  let tokens = limit?.burst ?? Number.POSITIVE_INFINITY;
  let filledAtMs = Number.NaN;
  const fill = (nowMs: number): void => {
    if (limit === null) return;
    // A clock that was set back fills nothing, and starts counting anew.
    const passedMs = Number.isNaN(filledAtMs) ? 0 : Math.max(0, nowMs - filledAtMs);
    tokens = Math.min(limit.burst, tokens + passedMs / limit.everyMs);
    filledAtMs = nowMs;
  };
  return {
    judge(_item, notification, { nowMs }) {
      fill(nowMs);
      if (limit === null || tokens >= 1 || notification.level === 'emergency') return { go: notification };
      return { waitMs: Math.ceil((1 - tokens) * limit.everyMs) };
    },
    spend(nowMs) {
      fill(nowMs);
      // An emergency beyond the limit is not paid for by those after it.
      tokens = Math.max(0, tokens - 1);
    },
  };
}
