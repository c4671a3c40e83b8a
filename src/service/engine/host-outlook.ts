import { createTrend, isStraight, reach } from '../../alerts/index.ts';
import { hostLimit } from '../../limits/index.ts';
import type { HostSample, LeakForecast } from '../../model/index.ts';

/** When the machine's memory runs out, by the growth of all that is in use. */
export interface HostOutlook {
  push(host: HostSample): void;
  forecast(host: HostSample): LeakForecast | null;
}

/** Ten minutes see what is full within the hour, two hours what is full by tonight. */
const WINDOWS = [
  { everyMs: 30_000, points: 20 },
  { everyMs: 5 * 60_000, points: 24 },
];
/** Growth below this share of the limit within a window is drift, however straight. */
const MIN_RISE_SHARE = 0.01;

export function createHostOutlook(): HostOutlook {
  const trends = WINDOWS.map(createTrend);
  return {
    push(host) {
      const { limitBytes, headroomBytes } = hostLimit(host);
      if (headroomBytes === null) return;
      for (const trend of trends) trend.push(host.atMs, limitBytes - headroomBytes);
    },
    forecast(host) {
      const limit = hostLimit(host);
      // The shorter window first: what runs away now matters more than what crept for two hours.
      for (const trend of trends) {
        const line = trend.line();
        if (line === null || !isStraight(line) || line.riseBytes < limit.limitBytes * MIN_RISE_SHARE) continue;
        const forecast = reach(line, limit);
        if (forecast !== null) return forecast;
      }
      return null;
    },
  };
}
