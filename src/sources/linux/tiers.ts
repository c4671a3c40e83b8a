/**
 * How often a process is looked at. Most of a swarm sleeps: a process whose memory does not move is looked at after 1, 2,
 * 4, then every 8 s (16 s among many); one that moves is back at every tick.
 */

/**
 * The longest wait bounds how late a first growth or an exit of a quiet process is seen. The last is for many processes: it
 * halves what their quiet ones cost. The machine's own figures come every tick.
 */
const PERIODS_MS: readonly number[] = [0, 2000, 4000, 8000, 16_000];

/** A look counts as due this long before its time: ticks jitter, and a tick missed by 1 ms would be a second late. */
const SLACK_MS = 500;

/**
 * CPU time and state of a process whose memory is quiet are read this often: a `stat` costs four times a `statm`. What
 * must be seen sooner has its own trigger: an exit and a zombie show in `statm`, a new parent follows the old one's exit.
 * With many processes it is read half as often: at 1,000 that saves a tenth of what the whole sampler costs.
 */
const STAT_PERIOD_MS = 16_000;
const MANY_PROCESSES = 500;

export function dueAfter(nowMs: number, tier: number, pid: number): number {
  const period = PERIODS_MS[tier] ?? 0;
  return period === 0 ? nowMs : nextTurn(nowMs, period, pid);
}

export function nextTier(tier: number, moved: boolean, processes: number): number {
  const slowest = PERIODS_MS.length - (processes > MANY_PROCESSES ? 1 : 2);
  return moved ? 0 : Math.min(tier + 1, slowest);
}

export function statDueAfter(nowMs: number, pid: number, processes: number): number {
  return nextTurn(nowMs, processes > MANY_PROCESSES ? 2 * STAT_PERIOD_MS : STAT_PERIOD_MS, pid);
}

/**
 * Each pid has its own second in the period: what became quiet together, or was read together at the first sweep, is
 * spread over the period at once, and ticks cost the same. Never longer than the period from now, nor at once again.
 */
function nextTurn(nowMs: number, periodMs: number, pid: number): number {
  const phaseMs = (pid * 1000) % periodMs;
  const waitMs = periodMs - ((((nowMs - phaseMs) % periodMs) + periodMs) % periodMs);
  return nowMs + (waitMs <= SLACK_MS ? periodMs : waitMs) - SLACK_MS;
}
