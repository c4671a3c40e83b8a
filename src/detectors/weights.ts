/** Written by bench/leaks/fit.ts: weights of the terms in likelihood.ts, with a load signal and without. */
export const WEIGHTS: Readonly<Record<'load' | 'blind', readonly number[]>> = {
  load: [-11.173, -5.328, 1.399, 3.505, 5.518, 3.318, 2.804, 1.214, 1.893, 0.644, 0.15, 1.136, 5.32, 1.49, 0.81, 0],
  blind: [-10.509, -5.966, 0.711, 2.309, 7.394, 2.296, 2.673, 0.94, 2.142, 0.666, 0.214, 1.107, 4.708, 1.771, 0, 2.084],
};
