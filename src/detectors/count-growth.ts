import { logistic } from './score/calibration.ts';
import { defineDetector, type RunningDetector } from './define.ts';
import { createParts, type Parts } from './parts.ts';
import { LEAKING_LOG_ODDS } from './sustained-growth.ts';

export interface CountDetector extends RunningDetector {
  readonly parts: Parts;
}

/** Threads, descriptors, child processes and files that only become more: same test, on counts instead of bytes. */
export const countGrowth = defineDetector<CountDetector>({
  name: 'count-growth',
  title: 'threads, descriptors, child processes or files keep becoming more',
  needs: ['threads', 'openFiles', 'children', 'fileBytes'],
  start: ({ blockMs }) => {
    const parts = createParts(blockMs);
    return {
      parts,
      push: (reading, sample) => parts.push(reading, sample),
      evidence() {
        const growth = parts.countGrowth();
        return {
          name: 'count-growth',
          score: growth === null ? 0 : logistic(growth.logOdds),
          detected: growth !== null && growth.logOdds >= LEAKING_LOG_ODDS,
          evidence: {
            logOdds: growth?.logOdds ?? null,
            rise: growth?.rise ?? null,
            ratePerHour: growth?.ratePerHour ?? null,
          },
          reason: growth === null ? 'no count grows' : `${growth.label} grew by ${Math.round(growth.rise)}`,
        };
      },
      stateBytes: parts.stateBytes,
    };
  },
});
