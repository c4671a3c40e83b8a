import type { Clock } from '../../../src/model/index.ts';

export const T0 = 1_700_000_000_000;

export interface FakeClock extends Clock {
  advance(ms: number): void;
  /** Moves the wall clock alone, as NTP or a person does. */
  jump(ms: number): void;
}

export function fakeClock(startMs = T0): FakeClock {
  let wallMs = startMs;
  let monotonicMs = 1000;
  return {
    nowMs: () => wallMs,
    monotonicMs: () => monotonicMs,
    advance: (ms) => {
      wallMs += ms;
      monotonicMs += ms;
    },
    jump: (ms) => {
      wallMs += ms;
    },
  };
}
