/**
 * How often a process is looked at. Most of a swarm sleeps: a process whose memory does not move is looked at after 1, 2,
 * 4, then every 8 s; one that moves is back at every tick.
 */

/** The longest wait bounds how late a first growth or an exit of a quiet process is seen. */
export const PERIODS_MS: readonly number[] = [0, 2000, 4000, 8000];

/** A look counts as due this long before its time: ticks jitter, and a tick missed by 1 ms would be a second late. */
const SLACK_MS = 500;

/** CPU time, state and parent of a process whose memory is quiet are read this often. */
const STAT_PERIOD_MS = 16_000;

/** Pids spread the looks of processes that became quiet together over half a second to two seconds. */
export function dueAfter(nowMs: number, tier: number, pid: number): number {
  const period = PERIODS_MS[tier] ?? 0;
  return period === 0 ? nowMs : nowMs + period - ((pid & 3) * period) / 16 - SLACK_MS;
}

export function nextTier(tier: number, moved: boolean): number {
  return moved ? 0 : Math.min(tier + 1, PERIODS_MS.length - 1);
}

/** Spread by pid over a quarter of the period: the first sweep reads all, and they must not stay in step for ever. */
export function statDueAfter(nowMs: number, pid: number): number {
  return nowMs + STAT_PERIOD_MS - ((pid & 15) * STAT_PERIOD_MS) / 64 - SLACK_MS;
}
