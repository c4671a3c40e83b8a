import type { Clock } from '../../model/index.ts';

export interface Ticker {
  start(): void;
  /** No tick begins after this; resolves when the one under way is done. */
  stop(): Promise<void>;
  /** Ticks that were due while another was late, since start. */
  skipped(): number;
}

/**
 * Calls `tick` on a fixed grid of the monotonic clock. The next call is set when the last has ended, so that two never
 * run at once; grid points that passed meanwhile are skipped and counted. Does not keep the process alive by itself.
 */
export function createTicker(clock: Clock, intervalMs: number, tick: () => Promise<void>): Ticker {
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> | null = null;
  let stopped = true;
  let skipped = 0;
  let originMs = 0;
  let nextIndex = 0;

  const schedule = (): void => {
    if (stopped) return;
    const dueMs = originMs + nextIndex * intervalMs;
    timer = setTimeout(fire, Math.max(0, dueMs - clock.monotonicMs()));
    timer.unref();
  };

  const fire = (): void => {
    running = tick().finally(() => {
      running = null;
      const passed = Math.floor((clock.monotonicMs() - originMs) / intervalMs);
      skipped += Math.max(0, passed - nextIndex);
      nextIndex = Math.max(passed, nextIndex) + 1;
      schedule();
    });
  };

  return {
    start: () => {
      if (!stopped) return;
      stopped = false;
      originMs = clock.monotonicMs();
      nextIndex = 0;
      schedule();
    },
    stop: async () => {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      await running;
    },
    skipped: () => skipped,
  };
}
