/** Written by bench/leaks/fit.ts: log-odds → share of leaking processes (isotonic regression). */
export const CALIBRATION: readonly (readonly [number, number])[] = [
  [-12, 0.12],
  [-5, 0.2],
  [-2, 0.5],
  [0, 0.88],
  [1, 0.97],
  [3, 0.99],
];
