/**
 * Random effects (DerSimonian & Laird 1986; the hierarchical normal model of Gelman et al., Bayesian Data Analysis §5.4):
 * what siblings say of one that was not seen. Each sibling counts once, however many outcomes it has: a thousand outcomes
 * of one server say little of the next server.
 */
export interface Estimate {
  readonly mean: number;
  /** Variance of `mean`. */
  readonly variance: number;
}

/** `between`: prior variance between siblings, worth `strength` of them. */
export function newSibling(
  siblings: readonly Estimate[],
  parent: Estimate,
  between: number,
  strength: number,
): Estimate {
  const tau = betweenVariance(siblings, between, strength);
  let precision = 1 / parent.variance;
  let sum = parent.mean / parent.variance;
  for (const { mean, variance } of siblings) {
    const weight = 1 / (variance + tau);
    precision += weight;
    sum += mean * weight;
  }
  return { mean: sum / precision, variance: 1 / precision + tau };
}

function betweenVariance(siblings: readonly Estimate[], between: number, strength: number): number {
  const k = siblings.length;
  if (k < 2) return between;
  const weights = siblings.map(({ variance }) => 1 / variance);
  const total = sum(weights);
  const mean = sum(siblings.map((one, i) => one.mean * (weights[i] ?? 0))) / total;
  const q = sum(siblings.map((one, i) => (weights[i] ?? 0) * (one.mean - mean) ** 2));
  const divisor = total - sum(weights.map((weight) => weight ** 2)) / total;
  const seen = divisor > 0 ? Math.max(0, (q - (k - 1)) / divisor) : 0;
  return (strength * between + (k - 1) * seen) / (strength + k - 1);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
