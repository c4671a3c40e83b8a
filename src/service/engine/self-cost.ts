import type { Clock, SelfCost } from '../../model/index.ts';

export interface SelfMeter {
  /** What this process uses now; CPU since the last call, or since the meter was made. */
  read(figures: { sweepMs: number | null; skippedTicks: number; historyBytes: number | null }): SelfCost;
}

/** A span shorter than this says more about the moment than about the service. */
const MIN_SPAN_MS = 1_000;

/**
 * Rampart's own cost, by the same counters that the kernel gives of any process: all of this process, whatever runs in
 * it. With the library that is the host program too.
 */
export function createSelfMeter(clock: Clock): SelfMeter {
  const startMs = clock.monotonicMs();
  let fromMs = startMs;
  let from = process.cpuUsage();
  let cpuPercent: number | null = null;
  return {
    read: (figures) => {
      const nowMs = clock.monotonicMs();
      const spanMs = nowMs - fromMs;
      if (spanMs >= MIN_SPAN_MS) {
        const used = process.cpuUsage(from);
        cpuPercent = (used.user + used.system) / 10 / spanMs;
        from = process.cpuUsage();
        fromMs = nowMs;
      }
      return {
        pid: process.pid,
        rssBytes: process.memoryUsage.rss(),
        cpuPercent,
        uptimeMs: nowMs - startMs,
        ...figures,
      };
    },
  };
}
