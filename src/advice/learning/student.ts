import { errorFunction, probit } from 'simple-statistics';

/** Student's t from the normal distribution; both to 0.01 from 4 degrees of freedom on, which is the fewest we use. */

/** Abramowitz & Stegun 26.7.5: Cornish–Fisher expansion of the quantile in 1/ν. */
export function quantile(p: number, dof: number): number {
  const z = probit(p);
  const z2 = z * z;
  const g1 = z * (z2 + 1);
  const g2 = z * ((5 * z2 + 16) * z2 + 3);
  const g3 = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15);
  return z + g1 / (4 * dof) + g2 / (96 * dof ** 2) + g3 / (384 * dof ** 3);
}

/** Abramowitz & Stegun 26.7.8. */
export function cumulative(t: number, dof: number): number {
  const z = (t * (1 - 1 / (4 * dof))) / Math.sqrt(1 + t ** 2 / (2 * dof));
  return (1 + errorFunction(z / Math.SQRT2)) / 2;
}
