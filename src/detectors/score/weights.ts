/** Written by bench/leaks/fit.ts: weights of the terms in likelihood.ts, with a load signal and without. */
export const WEIGHTS: Readonly<Record<'load' | 'blind', readonly number[]>> = {
  load: [-10.859, -5.831, 1.437, 3.625, 5.286, 3.295, 2.779, 0.981, 1.947, 0.609, 0, 1.068, 5.38, 2.363, 0.765, 0],
  blind: [-10.143, -6.235, 0.809, 2.11, 6.997, 2.276, 3.015, 0.87, 2.24, 0.653, 0.092, 0.982, 4.837, 2.525, 0, 2.346],
};
