/** Written by bench/leaks/fit.ts: weights of the terms in likelihood.ts, with a load signal and without. */
export const WEIGHTS: Readonly<Record<'load' | 'blind', readonly number[]>> = {
  load: [-12.005, -4.63, 1.688, 3.44, 5.747, 3.103, 3.959, 1.011, 2.121, 0.613, 0.059, 1.355, 5.398, 0.662, 1.143, 0],
  blind: [-11.598, -6.472, 1.802, 1.915, 7.614, 2.459, 3.394, 1.474, 2.176, 0.642, 0, 0.959, 5.476, 1.24, 0, 2.624],
};
