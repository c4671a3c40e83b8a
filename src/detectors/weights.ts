/** Written by bench/leaks/fit.ts: weights of the terms in likelihood.ts. */
export const WEIGHTS: readonly number[] = [
  -11.71, -5.09, 1.98, 3.3, 5.35, 3.21, 4.63, 0.89, 2.21, 0.62, 0.12, 1.19, 5.04, 0.9, 1.05,
];
