import type { Clock } from '../../model/index.ts';
import { numberAfter } from './parse-text.ts';
import type { ProcIo } from './proc-io.ts';

export interface BootClock {
  /** Clock ticks since boot → ms since the epoch, ± 1 s (the kernel tells the boot time in whole seconds). */
  startedAtMs(startTime: number): number | null;
}

/** The boot time moves when the wall clock is set, and `/proc/stat` is long on machines with many CPUs. */
const READ_PERIOD_MS = 60_000;
const MAX_STAT_BYTES = 1024 * 1024;

export function createBootClock(io: ProcIo, clock: Clock, procRoot: string, tickMs: number): BootClock {
  let bootMs: number | null = null;
  let dueMs = Number.NEGATIVE_INFINITY;
  return {
    startedAtMs(startTime) {
      const nowMs = clock.monotonicMs();
      if (nowMs >= dueMs) {
        dueMs = nowMs + READ_PERIOD_MS;
        const stat = io.readAll(`${procRoot}/stat`, MAX_STAT_BYTES);
        const seconds = typeof stat === 'number' ? null : numberAfter(stat.bytes.toString('latin1'), 'btime ');
        bootMs = seconds === null ? null : seconds * 1000;
      }
      return bootMs === null ? null : bootMs + startTime * tickMs;
    },
  };
}
