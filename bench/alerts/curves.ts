import type { Random } from '../leaks/families/random.ts';
import { type Curve, HOUR } from './model.ts';

/** Loading and first use: towards a level within minutes. */
export function warmUp(random: Random): Curve {
  const gain = random.logBetween(5, 125);
  const tau = random.between(60, 900);
  return (age) => gain * (1 - Math.exp(-age / tau));
}

/** Garbage that is collected now and then. */
export function saw(random: Random): Curve {
  const height = random.between(5, 40);
  const period = random.between(120, 1200);
  const phase = random.uniform();
  return (age) => height * ((age / period + phase) % 1);
}

/** A bounded cache: fills for up to four hours, straight or slowing down, then stands. */
export function cache(random: Random): Curve {
  const cap = random.logBetween(40, 600);
  const fill = random.between(0.4, 4) * HOUR;
  const straight = random.chance(0.4);
  const from = random.between(0, 6) * HOUR;
  return (age) => {
    const x = Math.max(0, age - from) / fill;
    return cap * (straight ? Math.min(1, x) : 1 - Math.exp(-2.5 * x));
  };
}

/** Allocator wear: as the logarithm of age. */
export function wear(random: Random): Curve {
  const gain = random.between(4, 25);
  return (age) => gain * Math.log1p(age / 600);
}

/** A conversation that grows and is compacted, again and again. */
export function context(random: Random): Curve {
  const height = random.between(40, 300);
  const period = random.between(0.5, 3.5) * HOUR;
  const phase = random.uniform();
  return (age) => height * ((age / period + phase) % 1);
}

/** A batch at some time of the day, which gives everything back. */
export function batch(random: Random): Curve {
  const peak = random.logBetween(200, 4000);
  const start = random.between(0, 23) * HOUR;
  const ramp = random.between(0.3, 2.5) * HOUR;
  const hold = random.between(0.05, 1) * HOUR;
  return (_, t) => (t < start || t > start + ramp + hold ? 0 : peak * Math.min(1, (t - start) / ramp));
}

/** Load that changes by steps, and memory that follows it. The load is seen as CPU. */
export function load(random: Random): { readonly memory: Curve; readonly cpu: (tS: number) => number } {
  const levels = Array.from({ length: 25 }, () => random.uniform());
  const size = random.between(30, 200);
  const step = random.between(0.7, 3) * HOUR;
  const at = (t: number): number => {
    const index = Math.floor(t / step);
    const from = levels[index % 25] ?? 0;
    const before = levels[(index + 24) % 25] ?? 0;
    // Memory trails load by minutes.
    const blend = Math.min(1, (t - index * step) / 300);
    return before + (from - before) * blend;
  };
  return { memory: (_, t) => size * at(t), cpu: (t) => 40 * (levels[Math.floor(t / step) % 25] ?? 0) };
}
