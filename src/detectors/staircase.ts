import { defineDetector } from './define.ts';

/** A step stands out when it exceeds the noise around it so many times: one in 2,000 by chance for normal noise. */
const STEP_SDS = 3.5;
/** Fewer steps than this are what configuration, caches and growing tables do. */
const MIN_JUMPS = 4;
/** Steps under 1 % of the level or 1 MiB are allocator granularity. */
const MIN_STEP_SHARE = 0.01;
const MIN_STEP_BYTES = 1024 * 1024;
/** Length of the two means that are compared, in blocks. */
const SIDE = 4;

/**
 * Staircase: upward change points that are never taken back, with level plateaus between. A change point is where the
 * mean of 4 blocks leaves the mean of the 4 before by more than 3.5 standard errors (a two-window mean test, run online;
 * Basseville & Nikiforov 1993, ch. 2). Steps forget with the plateau that gives them back.
 */
export const staircase = defineDetector({
  name: 'staircase',
  title: 'memory climbs in steps and does not come down',
  needs: ['rssBytes'],
  start: ({ scales }) => {
    const { pyramid } = scales;
    let seen = 0;
    let jumps = 0;
    let plateaus = 0;
    let plateauLevel = Number.NaN;
    let blocksOnPlateau = 0;
    let firstLevel = 0;
    let lastGap = 0;
    let sumGaps = 0;

    const sideMean = (end: number): number => {
      let m = 0;
      for (let i = end - SIDE; i < end; i++) m += pyramid.min(0, i) / SIDE;
      return m;
    };
    const step = (): void => {
      const n = pyramid.count(0);
      if (n < 2 * SIDE) return;
      const now = sideMean(n);
      if (Number.isNaN(plateauLevel)) plateauLevel = firstLevel = sideMean(n - SIDE);
      let noise = 0;
      for (let i = n - SIDE + 1; i < n; i++) noise += (pyramid.min(0, i) - pyramid.min(0, i - 1)) ** 2;
      // Differences have twice the variance; the mean of SIDE blocks has 1/SIDE of it, on both sides.
      const error = Math.sqrt((noise / (2 * (SIDE - 1))) * (2 / SIDE));
      const height = now - plateauLevel;
      const needed = Math.max(STEP_SDS * error, MIN_STEP_SHARE * plateauLevel, MIN_STEP_BYTES);
      blocksOnPlateau++;
      if (Math.abs(height) < needed) {
        if (blocksOnPlateau === SIDE) plateaus++;
        return;
      }
      if (blocksOnPlateau < SIDE) {
        // Still on the slope of the same step.
        plateauLevel = height > 0 ? now : Math.min(plateauLevel, now);
        return;
      }
      if (height > 0) {
        jumps++;
        lastGap = blocksOnPlateau;
        sumGaps += blocksOnPlateau;
      } else {
        // What fell back was no leak: steps are forgotten in proportion.
        const kept = Math.max(0, Math.min(1, (now - firstLevel) / Math.max(1, plateauLevel - firstLevel)));
        jumps = Math.floor(jumps * kept);
        plateaus = Math.floor(plateaus * kept);
        if (now < firstLevel) firstLevel = now;
      }
      plateauLevel = now;
      blocksOnPlateau = 0;
    };
    return {
      push() {
        const closed = pyramid.closed(0);
        if (closed === seen) return;
        seen = closed;
        step();
      },
      evidence() {
        const enough = pyramid.count(0) >= 2 * SIDE;
        // Steps that come ever more rarely (tables that double) are growth that ends: discount by the last gap.
        const pace = jumps > 0 && lastGap > 0 ? Math.min(1, sumGaps / jumps / Math.max(lastGap, blocksOnPlateau)) : 0;
        const score = enough ? Math.min(1, (jumps / (2 * MIN_JUMPS)) * pace) : null;
        return {
          name: 'staircase',
          score,
          detected: jumps >= MIN_JUMPS && pace >= 0.5,
          evidence: {
            jumpCount: jumps,
            plateauCount: plateaus,
            climbedBytes: enough ? plateauLevel - firstLevel : null,
          },
          reason: enough ? `${jumps} lasting steps up, ${plateaus} plateaus` : `fewer than ${2 * SIDE} blocks seen`,
        };
      },
      stateBytes: 9 * 8,
    };
  },
});
