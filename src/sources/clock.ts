import type { Clock } from '../model/index.ts';

/** The machine's clocks: wall time, and the monotonic one of Node's performance timer (sub-millisecond). */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};
