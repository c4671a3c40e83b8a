import { logistic } from './score/calibration.ts';
import { defineDetector } from './define.ts';
import { NO_GROWTH, windowStart } from './window/scales.ts';

/** Log-odds from which the growth counts as a leak, and as worth a second look. Chosen on the development families: */
export const LEAKING_LOG_ODDS = 0.5; // at most .01 false alarms a process-day
export const SUSPECTED_LOG_ODDS = -1.5; // about ten times that, and an hour or two earlier

/**
 * Growth of the lower envelope at nine time scales at once (see window.ts and likelihood.ts): the product's main test.
 * `positiveGrowthRatio` is the share of blocks in the best window that lie above the one before.
 */
export const sustainedGrowth = defineDetector({
  name: 'sustained-growth',
  title: 'memory keeps growing at some time scale, beyond what load, caches and noise explain',
  needs: ['rssBytes'],
  start: ({ scales, blockMs }) => ({
    push() {},
    evidence() {
      const { logOdds, level } = scales.best();
      const { pyramid } = scales;
      const known = pyramid.count(0) >= 10;
      const first = level < 0 ? 0 : windowStart(pyramid, level);
      const n = level < 0 ? 0 : pyramid.count(level);
      let up = 0;
      for (let i = first + 1; i < n; i++) if (pyramid.mean(level, i) > pyramid.mean(level, i - 1)) up++;
      const hours = level < 0 ? null : (pyramid.time(level, n - 1) - pyramid.time(level, first)) / 3600;
      return {
        name: 'sustained-growth',
        score: known ? logistic(logOdds) : null,
        detected: known && logOdds >= LEAKING_LOG_ODDS,
        evidence: {
          positiveGrowthRatio: n - first > 1 ? up / (n - first - 1) : null,
          logOdds: logOdds > NO_GROWTH ? logOdds : null,
          windowHours: hours,
          blockSeconds: level < 0 ? null : (blockMs / 1000) * 2 ** level,
        },
        reason: !known
          ? `fewer than ${10} blocks of ${blockMs / 1000} s seen`
          : level < 0
            ? 'no time scale shows steady growth'
            : `growth over the last ${hours!.toPrecision(2)} h, log-odds ${logOdds.toFixed(1)}`,
      };
    },
    stateBytes: 0,
  }),
});
