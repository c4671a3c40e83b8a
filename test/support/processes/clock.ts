import type { Clock } from '../../../src/model/index.ts';

/** Both clocks stand still until they are moved. */
export function fakeClock(startMs = 1_700_000_100_000): Clock & { move(ms: number): void } {
  let elapsedMs = 0;
  return {
    nowMs: () => startMs + elapsedMs,
    monotonicMs: () => 1_000_000 + elapsedMs,
    move: (ms) => void (elapsedMs += ms),
  };
}
