import { lowerOfPairs, type Point } from './trend.ts';

/** A run may last for days: at twice this many points neighbours are joined to their lower one. */
const KEPT = 512;

/** Points of a whole run in bounded memory: the minimum of each step of time; the step doubles when it is full. */
export interface WatchSeries {
  push(tMs: number, value: number): void;
  readonly points: readonly Point[];
}

export function createWatchSeries(stepMs: number): WatchSeries {
  let points: Point[] = [];
  let step = stepMs;
  let openMs = Number.NEGATIVE_INFINITY;
  return {
    push(tMs, value) {
      const last = points.at(-1);
      if (last !== undefined && tMs - openMs < step) {
        if (value < last.value) points[points.length - 1] = { tMs, value };
        return;
      }
      openMs = tMs;
      points.push({ tMs, value });
      if (points.length < 2 * KEPT) return;
      points = lowerOfPairs(points);
      step = Math.max(step * 2, 1);
    },
    get points() {
      return points;
    },
  };
}
