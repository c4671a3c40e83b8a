/** Weighted mean and scatter of a stream, with forgetting. Plain data. */
export interface Moments {
  /** Σ dw: w is how reliable a value is (its precision), d how much of it is not forgotten. */
  weight: number;
  /** Σ d²w: with it the variance of the mean is σ² Σd²w / (Σdw)². */
  weightSquares: number;
  mean: number;
  /** Weighted sum of squares about the mean. */
  squares: number;
}

export const noMoments = (): Moments => ({ weight: 0, weightSquares: 0, mean: 0, squares: 0 });

/** West's update (1979). O(1). */
export function add(moments: Moments, value: number, weight: number): void {
  moments.weight += weight;
  moments.weightSquares += weight;
  const delta = value - moments.mean;
  moments.mean += (delta * weight) / moments.weight;
  moments.squares += weight * delta * (value - moments.mean);
}

/** A newer value counts more: every earlier weight times `factor`. */
export function forget(moments: Moments, factor: number): void {
  moments.weight *= factor;
  moments.weightSquares *= factor ** 2;
  moments.squares *= factor;
}

/** What was learned long ago is less sure as a whole: as if there had been `factor` times as many outcomes. */
export function age(moments: Moments, factor: number): void {
  moments.weight *= factor;
  moments.weightSquares *= factor;
  moments.squares *= factor;
}

/** Effective number of values (Kish 1965): (Σdw)² / Σd²w. */
export function effective({ weight, weightSquares }: Moments): number {
  return weightSquares > 0 ? weight ** 2 / weightSquares : 0;
}

/** Degrees of freedom that the scatter rests on. */
export function freedom(moments: Moments): number {
  return Math.max(0, effective(moments) - 1);
}

/** Unbiased variance of single values; null: fewer than two. */
export function variance(moments: Moments): number | null {
  const { weight, weightSquares, squares } = moments;
  const divisor = weight > 0 ? weight - weightSquares / weight : 0;
  return divisor > 1e-9 ? squares / divisor : null;
}
