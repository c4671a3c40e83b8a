import { createLeakDetector, LEAKING_LOG_ODDS, SUSPECTED_LOG_ODDS } from '../../src/detectors/index.ts';
import type { Trace } from './families/simulate.ts';

/** One sample as every compared detector gets it. */
export interface Look {
  readonly tS: number;
  readonly rssBytes: number;
  readonly swapBytes: number | null;
  readonly load: number | null;
}

/** A detector under comparison. */
export interface Watcher {
  push(look: Look): void;
  alarming(): boolean;
  /** Calibrated probability, where the detector has one. */
  score?(): number;
  /** What its alarm is a threshold of, where the operating curve is wanted. */
  logOdds?(): number;
}

/** `trace`: only for what a baseline is told (PrecogMF gets the limit). */
export interface Contestant {
  readonly name: string;
  readonly start: (trace: Trace) => Watcher;
}

function rampart(threshold: 'leaking' | 'suspected'): Contestant['start'] {
  return () => {
    const detector = createLeakDetector();
    return {
      push: ({ tS, rssBytes, swapBytes, load }) =>
        detector.push({ tMs: tS * 1000, rssBytes, swapBytes, cpuRatio: load }),
      alarming: () => {
        const state = detector.state();
        return state === 'leaking' || (threshold === 'suspected' && state === 'suspected');
      },
      score: () => detector.verdict().score ?? 0.5,
      logOdds: () => detector.logOdds(),
    };
  };
}

export const RAMPART: Contestant = { name: 'rampart, leaking', start: rampart('leaking') };
export const RAMPART_SUSPECTED: Contestant = { name: 'rampart, suspected', start: rampart('suspected') };
export const THRESHOLDS = { leaking: LEAKING_LOG_ODDS, suspected: SUSPECTED_LOG_ODDS };
