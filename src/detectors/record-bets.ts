/** Alternatives that the bets mix: every other block, and nine in ten, sets a record. */
const RECORD_RATES = [0.5, 0.9] as const;

export interface RecordBets {
  push(value: number): void;
  /** Natural log of the e-value against "the values are exchangeable". */
  readonly logE: number;
  readonly values: number;
  readonly records: number;
  readonly stateBytes: number;
}

/**
 * Record e-values. Among n exchangeable values the newest is the highest with probability 1/n, independently of the past
 * (Rényi 1962). Betting on records at rate p multiplies wealth by p·n on a record and (1 − p)/(1 − 1/n) else; wealth is a
 * martingale, so it exceeds 1/α with probability ≤ α at any time whatever (Ville; Shafer & Vovk 2019). The bet starts at an
 * unknown value s: prior 1/(s(s+1)), as in the e-detectors of Shin, Ramdas & Rinaldo (2023).
 */
export function createRecordBets(): RecordBets {
  let n = 0;
  let records = 0;
  let highest = Number.NEGATIVE_INFINITY;
  const wealth = RECORD_RATES.map(() => 0);
  // Prior mass of the starts still to come: wealth that was not bet yet.
  let waiting = 1;
  let logE = 0;
  return {
    push(value) {
      n++;
      const record = value > highest;
      highest = Math.max(highest, value);
      if (n < 2) return;
      if (record) records++;
      const stake = 1 / (n * (n - 1));
      waiting = Math.max(0, waiting - stake);
      let mean = 0;
      for (let i = 0; i < wealth.length; i++) {
        const p = Math.max(RECORD_RATES[i]!, 1 / n);
        const factor = record ? p * n : (1 - p) / (1 - 1 / n);
        // Capped far above any threshold, so that it stays a finite number.
        wealth[i] = Math.min(1e30, (wealth[i]! + stake) * factor);
        mean += wealth[i]! / wealth.length;
      }
      logE = Math.log(waiting + mean + 1e-300);
    },
    get logE() {
      return logE;
    },
    get values() {
      return n;
    },
    get records() {
      return records;
    },
    stateBytes: 7 * 8,
  };
}
