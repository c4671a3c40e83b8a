import { CALIBRATION } from './calibration-map.ts';

export function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/**
 * Probability that the process leaks, from log-odds: monotone, piecewise linear between the points of an isotonic
 * regression (Zadrozny & Elkan 2002) on development traces where half of the processes leak. Where leaks are rarer the
 * true share is lower; `withPrior` moves it.
 */
export function calibrate(logOdds: number): number {
  const first = CALIBRATION[0]!;
  if (logOdds <= first[0]) return first[1];
  for (let i = 1; i < CALIBRATION.length; i++) {
    const [x1, p1] = CALIBRATION[i]!;
    if (logOdds <= x1) {
      const [x0, p0] = CALIBRATION[i - 1]!;
      return p0 + ((p1 - p0) * (logOdds - x0)) / (x1 - x0);
    }
  }
  return CALIBRATION[CALIBRATION.length - 1]![1];
}

/** Bayes: the same evidence under another share of leaking processes than the one half it was calibrated for. */
export function withPrior(score: number, share: number): number {
  const odds = (score / (1 - score)) * (share / (1 - share));
  return Number.isFinite(odds) ? odds / (1 + odds) : 1;
}

/**
 * Share of processes that leak at the time one looks, before anything is known of a program: an assumption, not a
 * measurement. One in twenty is on the high side for a machine and about right for agents' long-lived servers, which is what
 * the service watches first. It makes the score agree with what an alarm is worth: at a recall of .97 and .01 false alarms a
 * process-day, 72 of 100 processes that are called leaking within two days do leak.
 */
export const BASE_RATE = 0.05;

/** The score of a process of which no more is known than its own curve: at the base rate. */
export function atBaseRate(score: number): number {
  return withPrior(score, BASE_RATE);
}
