/** Seeded randomness for the families: mulberry32, with the few distributions they use. */
export interface Random {
  uniform(): number;
  normal(): number;
  between(low: number, high: number): number;
  /** Log-uniform. */
  logBetween(low: number, high: number): number;
  exponential(mean: number): number;
  integer(low: number, high: number): number;
  chance(p: number): boolean;
  /** Pareto with shape `a` and scale 1: heavy-tailed. */
  pareto(a: number): number;
}

export function hash(text: string): number {
  let h = 2166136261;
  for (const c of text) h = Math.imul(h ^ c.charCodeAt(0), 16777619);
  return h >>> 0;
}

export function createRandom(seed: number): Random {
  let a = seed >>> 0;
  let spare: number | null = null;
  const uniform = (): number => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const normal = (): number => {
    if (spare !== null) {
      const s = spare;
      spare = null;
      return s;
    }
    let x: number;
    let y: number;
    let r: number;
    do {
      x = 2 * uniform() - 1;
      y = 2 * uniform() - 1;
      r = x * x + y * y;
    } while (r >= 1 || r === 0);
    const f = Math.sqrt((-2 * Math.log(r)) / r);
    spare = y * f;
    return x * f;
  };
  const between = (low: number, high: number): number => low + (high - low) * uniform();
  return {
    uniform,
    normal,
    between,
    logBetween: (low, high) => Math.exp(between(Math.log(low), Math.log(high))),
    exponential: (mean) => -mean * Math.log(1 - uniform()),
    integer: (low, high) => Math.floor(low + (high - low + 1) * uniform()),
    chance: (p) => uniform() < p,
    pareto: (shape) => (1 - uniform()) ** (-1 / shape),
  };
}
