import type { Random } from './random.ts';

/** Small moving parts that several families share. */

/** Ornstein–Uhlenbeck process: wanders with memory `tauS` and standard deviation `sd`. */
export function wander(random: Random, tauS: number, sd: number): (dt: number) => number {
  let v = sd * random.normal();
  return (dt) => {
    const k = Math.min(1, dt / tauS);
    v += -v * k + sd * Math.sqrt(Math.min(1, 2 * k)) * random.normal();
    return v;
  };
}

/** Pink (1/f) noise: wanders of time constants a factor 4 apart, of equal variance. */
export function pink(random: Random, sd: number, longestS: number): (dt: number) => number {
  const parts: ((dt: number) => number)[] = [];
  for (let tau = 15; tau <= longestS; tau *= 4) parts.push(wander(random, tau, 1));
  const scale = sd / Math.sqrt(parts.length);
  return (dt) => {
    let sum = 0;
    for (const part of parts) sum += part(dt);
    return scale * sum;
  };
}

/** Day and night with a jitter: 1 on average. */
export function daily(random: Random, amplitude: number, periodS = 86400): (t: number, dt: number) => number {
  const phase = random.between(0, periodS);
  const jitter = wander(random, random.logBetween(600, 7200), random.between(0.03, 0.15));
  return (t, dt) => Math.exp(jitter(dt)) * (1 + amplitude * Math.sin((2 * Math.PI * (t + phase)) / periodS));
}

/** Follows `target` with time constant `tauS` (connections close, buffers drain). */
export function lagged(tauS: number): (target: number, dt: number) => number {
  let v: number | null = null;
  return (target, dt) => {
    v = v === null ? target : v + (target - v) * Math.min(1, dt / tauS);
    return v;
  };
}

/** Times of a Poisson process with rate `perSecond(t)`: how many events fall into this step. */
export function events(random: Random, meanPerStep: number): number {
  let n = 0;
  let p = Math.exp(-meanPerStep);
  let sum = p;
  const u = random.uniform();
  while (u > sum && n < 1000) {
    n++;
    p *= meanPerStep / n;
    sum += p;
  }
  return n;
}
