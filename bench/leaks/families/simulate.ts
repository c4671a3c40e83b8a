import { createRandom, hash, type Random } from './random.ts';

/** A labelled trace. Memory in MB, time in seconds from the start. */
export interface Trace {
  readonly family: string;
  readonly seed: number;
  readonly leaky: boolean;
  readonly onsetS: number;
  readonly hours: number;
  readonly tS: readonly number[];
  readonly rssMb: readonly number[];
  /** What of it a full collection leaves: base, live and leaked bytes; null: the family does not tell. */
  readonly aliveMb: readonly number[] | null;
  readonly load: readonly number[];
  /** Share of the footprint that is swapped out (0…), where the family swaps. */
  readonly swapMb: readonly number[] | null;
}

/** What a family adds to the common ground (base, noise, collector saw-tooth). All times in seconds, sizes in MB. */
export interface Recipe {
  /** Live bytes beyond the base, at `t`. Called once a step, in order. */
  live?(t: number, load: number, dt: number): number;
  /** Leaked bytes at `t`; makes the trace leaky from `onsetS` on. */
  leak?(t: number, load: number, dt: number): number;
  load?(t: number, dt: number): number;
  /** Extra noise on the footprint, MB. */
  noise?(dt: number): number;
  onsetS?: number;
  stepS?: number;
  hours?: number;
  noCollector?: boolean;
  /** Part of the footprint that the kernel swaps out. */
  swapShare?(t: number): number;
  /** Replaces everything since: true at `t` when the process restarts (same command, new pid, not told to the detector). */
  dropSample?(t: number): boolean;
}

export type Family = (random: Random, durationS: number, base: number) => Recipe;

/** `copy`: another process of the same program: all parameters as with copy 0, other noise and other events. */
export function simulate(name: string, family: Family, seed: number, hours = 48, copy = 0): Trace {
  let source = createRandom(hash(name) ^ Math.imul(seed + 1, 2654435761));
  const random: Random = {
    uniform: () => source.uniform(),
    normal: () => source.normal(),
    between: (low, high) => source.between(low, high),
    logBetween: (low, high) => source.logBetween(low, high),
    exponential: (mean) => source.exponential(mean),
    integer: (low, high) => source.integer(low, high),
    chance: (p) => source.chance(p),
    pareto: (shape) => source.pareto(shape),
  };
  for (let i = 0; i < 5; i++) random.uniform();
  const base = random.logBetween(40, 900);
  const planned = hours * 3600;
  const recipe = family(random, planned, base);
  const duration = (recipe.hours ?? hours) * 3600;
  const stepS = recipe.stepS ?? 30;
  const collectorMb = recipe.noCollector === true ? 0 : random.logBetween(4, 100);
  const allocationRate = collectorMb / random.logBetween(20, 1500);
  const noiseSd = base * random.between(0.002, 0.02);
  const noiseTau = random.logBetween(15, 1200);
  if (copy > 0) source = createRandom(hash(name) ^ Math.imul(seed + 1, 2654435761) ^ Math.imul(copy, 0x9e3779b1));
  const tS: number[] = [];
  const rssMb: number[] = [];
  const aliveMb: number[] = [];
  const loads: number[] = [];
  const swapMb: number[] | null = recipe.swapShare === undefined ? null : [];
  let garbage = 0;
  let ar = 0;
  for (let i = 0; i < duration / stepS; i++) {
    const t = i * stepS + random.between(0, stepS * 0.1);
    const load = Math.max(0.02, recipe.load?.(t, stepS) ?? 1);
    garbage += allocationRate * stepS * Math.min(load, 4) * random.between(0.6, 1.4);
    if (garbage > collectorMb * random.between(0.8, 1.2)) garbage = collectorMb * 0.05 * random.uniform();
    const k = Math.min(1, stepS / noiseTau);
    ar += -ar * k + noiseSd * Math.sqrt(Math.min(1, 2 * k)) * random.normal();
    const live = base + (recipe.live?.(t, load, stepS) ?? 0) + (recipe.leak?.(t, load, stepS) ?? 0);
    const total = Math.max(5, live + garbage + ar + (recipe.noise?.(stepS) ?? 0));
    if (recipe.dropSample?.(t) === true) continue;
    const swapped = total * (recipe.swapShare?.(t) ?? 0);
    tS.push(t);
    rssMb.push(total - swapped);
    aliveMb.push(Math.max(0, live));
    swapMb?.push(swapped);
    loads.push(Math.max(0, load * random.between(0.85, 1.15) + 0.02 * random.normal()));
  }
  return {
    family: name,
    seed,
    leaky: recipe.leak !== undefined,
    onsetS: recipe.onsetS ?? 0,
    hours: duration / 3600,
    tS,
    rssMb,
    aliveMb,
    load: loads,
    swapMb,
  };
}
