/**
 * How many bytes a unit of load holds (requests in flight, CPU share): what rises and falls with the load is no leak.
 *
 * Regression of memory differences on load differences, an hour apart, so that a steady leak (which has no part in
 * differences that come and go) does not enter. Load is measured with noise, which pulls a least-squares coefficient
 * towards zero (errors in variables); the noise is known from the scatter inside the blocks and taken out (Fuller,
 * Measurement Error Models, 1987, §1.2).
 */

/** 12 blocks of 5 minutes: memory that trails load by up to ten minutes is then attenuated by less than a fifth. */
const LAG = 12;
/** Weight of the past per block: half-life of 11 h, so that a change of the program's ways is learned within a day. */
const KEEP = 0.995;

export interface LoadEstimate {
  /** Bytes per unit of load, ≥ 0. */
  coefficient: number;
  /** Variance of the coefficient; Infinity: nothing known. */
  variance: number;
}

export interface LoadModel {
  /** One closed block: mean memory, mean load, and the variance of that mean load (0 when it has no noise). */
  push(memory: number, load: number, loadNoise: number): void;
  estimate(out: LoadEstimate): void;
  readonly stateBytes: number;
}

export function createLoadModel(): LoadModel {
  const memory = new Float64Array(LAG);
  const loads = new Float64Array(LAG);
  let seen = 0;
  let n = 0;
  let sm = 0;
  let sl = 0;
  let smm = 0;
  let sll = 0;
  let sml = 0;
  let noise = 0;
  return {
    push(m, l, loadNoise) {
      const slot = seen % LAG;
      if (seen >= LAG) {
        const dm = m - memory[slot]!;
        const dl = l - loads[slot]!;
        n = n * KEEP + 1;
        sm = sm * KEEP + dm;
        sl = sl * KEEP + dl;
        smm = smm * KEEP + dm * dm;
        sll = sll * KEEP + dl * dl;
        sml = sml * KEEP + dm * dl;
        noise = noise * KEEP + 2 * loadNoise;
      }
      memory[slot] = m;
      loads[slot] = l;
      seen++;
    },
    estimate(out) {
      out.coefficient = 0;
      out.variance = Number.POSITIVE_INFINITY;
      if (n < 2 * LAG) return;
      const vm = (smm - (sm * sm) / n) / n;
      const vlRaw = (sll - (sl * sl) / n) / n;
      // At most half of the scatter is taken for noise: a correction beyond that is a guess.
      const vl = vlRaw - Math.min(noise / n, vlRaw / 2);
      const c = (sml - (sm * sl) / n) / n;
      if (vl <= 0) return;
      const b = Math.max(0, c / vl);
      const residual = Math.max(vm - b * c, vm * 0.01);
      out.coefficient = b;
      // Differences LAG apart overlap: the effective count is n / LAG.
      out.variance = (residual / vl) * (LAG / n) + (b * (1 - vl / vlRaw) * 0.3) ** 2;
    },
    stateBytes: 2 * LAG * 8 + 8 * 8,
  };
}
