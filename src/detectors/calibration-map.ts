/** Written by bench/leaks/fit.ts: log-odds → share of leaking processes (isotonic regression). */
export const CALIBRATION: readonly (readonly [number, number])[] = [
  [-12, 0.051],
  [-11.73, 0.149],
  [-9.69, 0.211],
  [-9.4, 0.283],
  [-8.1, 0.343],
  [-7.37, 0.406],
  [-4.91, 0.508],
  [-4.18, 0.639],
  [-3.42, 0.738],
  [-2.05, 0.876],
  [-1.34, 0.925],
  [-0.3, 0.972],
];
