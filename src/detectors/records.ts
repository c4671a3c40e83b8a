import { defineDetector, type RunningDetector } from './define.ts';

/** 40-minute floors: noise with a memory below half an hour is then about exchangeable (lag-1 correlation ≤ .3). */
const LEVEL = 3;
/** Alternatives that the bets mix: every other block, and nine in ten, sets a record. */
const RECORD_RATES = [0.5, 0.9] as const;

export interface Records extends RunningDetector {
  /** Natural log of the e-value against "the floors are exchangeable". */
  logE(): number;
}

/**
 * Record e-values. Among n exchangeable floors the newest is the highest with probability 1/n, independently of the past
 * (Rényi 1962). Betting on records at rate p multiplies wealth by p·n on a record and (1 − p)/(1 − 1/n) else; wealth is a
 * martingale, so it exceeds 1/α with probability ≤ α at any time whatever (Ville; Shafer & Vovk 2019). The bet starts at an
 * unknown block s: prior 1/(s(s+1)), the e-detector of Shin, Ramdas & Rinaldo (2023). The fleet's control rests on it.
 */
export const records = defineDetector<Records>({
  name: 'records',
  title: 'ever new record floors',
  needs: ['rssBytes'],
  start: ({ scales }) => {
    const { pyramid } = scales;
    let seen = 0;
    let n = 0;
    let recordCount = 0;
    let highest = Number.NEGATIVE_INFINITY;
    const wealth = RECORD_RATES.map(() => 0);
    let waiting = 1;

    const bet = (floor: number): void => {
      n++;
      const record = floor > highest;
      highest = Math.max(highest, floor);
      if (n < 2) return;
      if (record) recordCount++;
      const stake = 1 / (n * (n - 1));
      waiting -= stake;
      for (let i = 0; i < wealth.length; i++) {
        const p = Math.max(RECORD_RATES[i]!, 1 / n);
        const factor = record ? p * n : (1 - p) / (1 - 1 / n);
        // Capped far above any threshold, so that it stays a finite number.
        wealth[i] = Math.min(1e30, (wealth[i]! + stake) * factor);
      }
    };
    const logE = (): number => {
      let mean = 0;
      for (const w of wealth) mean += w / wealth.length;
      return Math.log(Math.max(0, waiting) + mean + 1e-300);
    };
    return {
      logE,
      push() {
        const closed = pyramid.closed(LEVEL);
        if (closed === seen) return;
        seen = closed;
        bet(pyramid.min(LEVEL, pyramid.count(LEVEL) - 1));
      },
      evidence() {
        const log = logE();
        return {
          name: 'records',
          score: n < 3 ? null : Math.max(0, 1 - Math.exp(-Math.max(0, log))),
          // Ville at α = .001.
          detected: log >= Math.log(1000),
          evidence: { logE: log, blocks: n, records: recordCount },
          reason:
            n < 3
              ? 'fewer than 3 blocks of this scale'
              : `${recordCount} records among ${n} floors, e-value ${Math.exp(Math.min(log, 60)).toPrecision(2)}`,
        };
      },
      stateBytes: 8 * 8,
    };
  },
});
