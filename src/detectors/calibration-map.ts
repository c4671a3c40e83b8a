/** Written by bench/leaks/fit.ts: log-odds → share of leaking processes (isotonic regression). */
export const CALIBRATION: readonly (readonly [number, number])[] = [
  [-12, 0.054],
  [-11.79, 0.148],
  [-9.96, 0.205],
  [-9.1, 0.27],
  [-7.82, 0.311],
  [-6.73, 0.38],
  [-5.56, 0.438],
  [-5.19, 0.547],
  [-3.94, 0.629],
  [-3.26, 0.68],
  [-2.67, 0.749],
  [-2.28, 0.796],
  [-2.14, 0.867],
  [-1.68, 0.909],
  [-1.2, 0.94],
  [-0.38, 0.973],
];
