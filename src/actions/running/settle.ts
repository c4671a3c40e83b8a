import type { Clock, Measurement, ProcessKey } from '../../model/index.ts';
import { isAlive, type Host } from '../host/host.ts';
import { sumTrends, totalBytes, trendOf, type Trend } from './measure.ts';
import type { ActionWorld, Point, Target } from '../target.ts';

/** Readings of the targets together, before and after. */
export interface Meter {
  before(
    targets: readonly Target[],
    /** Its effect is judged by figures alone: where history has none yet, a short series is taken now. */
    needsTrend: boolean,
  ): Promise<{ readonly measurement: Measurement; readonly trend: Trend | null }>;
  /** Waits until the figures have come to rest. */
  after(
    targets: readonly Target[],
  ): Promise<{ readonly measurement: Measurement; readonly settledAfterMs: number | null }>;
}

/** PSS costs 0.4–10 ms a process: what does not fit keeps its last reading, or counts with its RSS. */
const READ_BUDGET_MS = 1_000;
/** The trend is of these minutes; older behaviour is another phase. */
const TREND_MS = 10 * 60_000;
/** History is asked for the largest: the rest is noise beside them. */
const MOST_TRENDS = 32;
/** Two seconds: as long as nobody minds to wait, and long enough to see a process that fills up. */
const SERIES_POINTS = 9;
const SERIES_STEP_MS = 250;
/** Two readings in a row within a hundredth: V8 gives pages back within a second or two after a collection. */
const STEP_MS = 400;
const REST_SHARE = 0.01;
const REST_BYTES = 256 * 1024;
const LONGEST_MS = 10_000;

export function createMeter(world: ActionWorld, host: Host, clock: Clock): Meter {
  const measure = async (targets: readonly Target[]): Promise<Measurement> => {
    const deadlineMs = clock.monotonicMs() + READ_BUDGET_MS;
    let [rssBytes, pssBytes, swapBytes] = [0, 0, 0];
    let isProportional = true;
    for (const target of targets) {
      if (!isAlive(host, target)) continue;
      const isDue = clock.monotonicMs() < deadlineMs;
      const footprint = (isDue ? await world.footprint(target) : null) ?? target.footprint;
      if (footprint === null) isProportional = false;
      rssBytes += footprint?.rssBytes ?? target.rssBytes;
      pssBytes += footprint?.pssBytes ?? 0;
      swapBytes += footprint?.swapBytes ?? 0;
    }
    return {
      atMs: clock.nowMs(),
      rssBytes,
      pssBytes: isProportional ? pssBytes : null,
      swapBytes: isProportional ? swapBytes : null,
      heapUsedBytes: null,
      hostAvailableBytes: await world.hostAvailableBytes(),
    };
  };

  const trendOfAll = async (targets: readonly Target[], nowMs: number): Promise<Trend | null> => {
    const largest = [...targets].sort((a, b) => b.rssBytes - a.rssBytes).slice(0, MOST_TRENDS);
    const points = await Promise.all(largest.map(({ id }) => pointsOf(id, nowMs)));
    return sumTrends(points.map(trendOf));
  };

  const trendNow = async (targets: readonly Target[]): Promise<Trend | null> => {
    const points: Point[] = [];
    while (points.length < SERIES_POINTS) {
      if (points.length > 0) await host.sleep(SERIES_STEP_MS);
      const { atMs, ...figures } = await measure(targets);
      points.push({ tMs: atMs, bytes: totalBytes({ atMs, ...figures }) });
    }
    return trendOf(points);
  };

  const pointsOf = (id: ProcessKey, nowMs: number) => world.trend(id, nowMs - TREND_MS, nowMs);

  return {
    before: async (targets, needsTrend) => {
      const known = await trendOfAll(targets, clock.nowMs());
      const trend = known === null && needsTrend ? await trendNow(targets) : known;
      return { trend, measurement: await measure(targets) };
    },
    after: async (targets) => {
      const startMs = clock.monotonicMs();
      let last = await measure(targets);
      // What is gone does not move any more.
      while (targets.some((target) => isAlive(host, target)) && clock.monotonicMs() - startMs < LONGEST_MS) {
        const atMs = clock.monotonicMs();
        await host.sleep(STEP_MS);
        const next = await measure(targets);
        const moved = Math.abs(totalBytes(next) - totalBytes(last));
        if (moved <= Math.max(REST_BYTES, totalBytes(last) * REST_SHARE)) {
          return { measurement: next, settledAfterMs: Math.round(atMs - startMs) };
        }
        last = next;
      }
      const isGone = !targets.some((target) => isAlive(host, target));
      return { measurement: last, settledAfterMs: isGone ? Math.round(clock.monotonicMs() - startMs) : null };
    },
  };
}
