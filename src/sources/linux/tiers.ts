/**
 * How often a process is looked at. Most of a swarm sleeps: a process whose memory does not move is looked at after 1, 2,
 * 4, then every 8 s; one that moves is back at every tick.
 */

/** The longest wait bounds how late a first growth or an exit of a quiet process is seen. */
export const PERIODS_MS: readonly number[] = [0, 2000, 4000, 8000];

/** A look counts as due this long before its time: ticks jitter, and a tick missed by 1 ms would be a second late. */
export const SLACK_MS = 500;

/** 1/64 (1.6 %) is above the noise of an idle runtime and below every step that a chart would show. */
export const CHANGE_SHIFT = 64;

/** CPU time, state and parent of a process whose memory is quiet are read this often. */
export const STAT_PERIOD_MS = 16_000;

export function movedEnough(fromBytes: number, toBytes: number): boolean {
  return Math.abs(toBytes - fromBytes) * CHANGE_SHIFT > fromBytes;
}

/** Pids spread the looks of processes that became quiet together over half a second to two seconds. */
export function dueAfter(nowMs: number, tier: number, pid: number): number {
  const period = PERIODS_MS[tier] ?? 0;
  return period === 0 ? nowMs : nowMs + period - ((pid & 3) * period) / 16 - SLACK_MS;
}

export function nextTier(tier: number, moved: boolean): number {
  return moved ? 0 : Math.min(tier + 1, PERIODS_MS.length - 1);
}
