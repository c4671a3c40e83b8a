/** Written by bench/leaks/fit.ts: log-odds → share of leaking processes (isotonic regression). */
export const CALIBRATION: readonly (readonly [number, number])[] = [
  [-12, 0.054],
  [-11.33, 0.11],
  [-10.16, 0.171],
  [-9.99, 0.231],
  [-7.77, 0.318],
  [-7.1, 0.351],
  [-5.76, 0.423],
  [-5.05, 0.481],
  [-4.57, 0.537],
  [-3.83, 0.577],
  [-3.37, 0.661],
  [-2.72, 0.699],
  [-1.88, 0.843],
  [-1.5, 0.885],
  [-0.84, 0.94],
  [-0.05, 0.976],
];
