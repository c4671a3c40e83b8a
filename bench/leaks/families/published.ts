import { createRandom, hash } from './random.ts';
import type { Trace } from './simulate.ts';

/**
 * The 27 families of the published labelled traces, so that their figures can be compared: same parameters, same
 * random draws. Written as one function because every family draws from the same sequence.
 */
export const PUBLISHED_HEALTHY = [
  'n_flat_ar',
  'n_gc_saw',
  'n_warmup',
  'n_cache_fill',
  'n_diurnal',
  'n_ratchet',
  'n_sessions',
  'n_restarts',
  'n_log_frag',
  'n_steps',
  'n_gaps',
  'n_batch',
  'n_spikes',
  'n_loadstep',
] as const;
export const PUBLISHED_LEAKING = [
  'l_linear_gc',
  'l_slow_noise',
  'l_stair',
  'l_onset_mid',
  'l_diurnal',
  'l_per_request',
  'l_restarts',
  'l_accel',
  'l_warm_linear',
  'l_gaps',
  'l_cache_then_leak',
  'l_intermittent',
  'l_fast',
] as const;

export function published(family: string, seed: number, hours = 48, stepS = 30): Trace {
  const r = createRandom(hash(family) ^ Math.imul(seed + 1, 2654435761));
  for (let i = 0; i < 5; i++) r.uniform();
  const is = (...names: string[]): boolean => names.includes(family);
  const leaky = family.startsWith('l');
  const duration = hours * 3600;
  const base = r.logBetween(60, 600);
  let onset = 0;
  let collectorMb = r.logBetween(8, 120);
  let allocation = collectorMb / r.logBetween(40, 900);
  if (is('n_flat_ar', 'n_gaps', 'n_steps') && r.uniform() < 0.5) collectorMb = 1;
  if (is('n_gc_saw')) {
    collectorMb = r.logBetween(60, 300);
    allocation = collectorMb / r.logBetween(60, 2400);
  }
  let noiseSd = base * r.between(0.003, 0.025);
  let noiseTau = r.logBetween(20, 900);
  if (is('n_flat_ar')) {
    noiseSd = base * r.between(0.01, 0.08);
    noiseTau = r.logBetween(30, 3600);
  }
  if (is('l_slow_noise')) {
    noiseSd = r.logBetween(15, 200);
    noiseTau = r.logBetween(20, 120);
  }
  const daily = is('n_diurnal', 'l_diurnal');
  const loaded = daily || is('n_sessions', 'l_per_request', 'l_intermittent', 'n_ratchet', 'n_loadstep');
  const phase = r.between(0, 86400);
  const dayAmplitude = r.between(0.5, 0.95);
  const perLoad = loaded ? r.logBetween(40, 300) : 0;
  let wander = 0;
  const wanderTau = r.logBetween(900, 14400);
  const wanderSd = is('n_sessions') ? r.between(0.3, 0.8) : r.between(0.05, 0.2);
  const loadStepAt = r.between(0.25, 0.7) * duration;
  const loadStep = r.between(1.5, 3);
  let burst = 0;
  const burstEvery = r.logBetween(1200, 14400);
  const burstSize = r.logBetween(0.5, 3);
  const burstTau = r.logBetween(60, 900);
  const warmTau = r.logBetween(60, 1500);
  const warmMb = base * r.between(0.1, 0.8);
  const warms = is('n_warmup', 'l_warm_linear', 'n_restarts', 'l_restarts') || r.uniform() < 0.5;
  const fillS = r.logBetween(0.3, 4) * 3600;
  const fillMb = r.logBetween(40, 500);
  const fillStart = r.between(0, 0.4) * duration * (r.uniform() < 0.5 ? 0 : 1);
  const fillKind = r.integer(0, 2);
  let rate = r.logBetween(4, 40);
  if (is('l_slow_noise')) rate = r.logBetween(1, 5);
  if (is('l_fast')) rate = r.logBetween(60, 600);
  if (is('l_restarts')) rate = r.logBetween(15, 80);
  if (is('l_onset_mid')) onset = r.between(0.2, 0.6) * duration;
  const stairEvery = r.logBetween(900, 4 * 3600);
  const power = r.between(1.3, 2);
  const steps = Array.from({ length: r.integer(1, 3) }, () => ({
    t: r.between(0.1, 0.95) * duration,
    mb: r.logBetween(10, 150),
  }));
  const logMb = r.logBetween(5, 30);
  const logTau = r.logBetween(60, 3600);
  const batchS = r.logBetween(1, 9) * 3600;
  const batchMb = r.logBetween(50, 400);
  const batchDuty = r.between(0.4, 0.9);
  const life = is('l_restarts') ? r.logBetween(5, 14) * 3600 : r.logBetween(2, 12) * 3600;
  let nextRestart = is('n_restarts', 'l_restarts') ? life * r.between(0.5, 1.5) : Number.POSITIVE_INFINITY;
  let born = 0;
  const gaps: [number, number][] = is('n_gaps', 'l_gaps')
    ? Array.from({ length: r.integer(2, 6) }, () => {
        const s = r.between(0, duration);
        return [s, s + r.logBetween(300, 6 * 3600)] as [number, number];
      })
    : [];
  const spikeEvery = r.logBetween(600, 7200);
  const spikeMb = r.logBetween(50, 800);
  let spike = 0;
  let garbage = 0;
  let ar = 0;
  let leak = 0;
  let high = 0;
  let stairNext = stairEvery * r.between(0.5, 1.5);
  let lagged = 1;
  const onMean = r.logBetween(600, 7200);
  const offMean = r.logBetween(1200, 14400);
  let on = true;
  let onLeft = 0;
  let residue = 0;
  const tS: number[] = [];
  const rssMb: number[] = [];
  const load: number[] = [];
  for (let i = 0; i < Math.floor(duration / stepS); i++) {
    const t = i * stepS + r.between(0, stepS * 0.1);
    if (t > nextRestart) {
      born = t;
      garbage = leak = high = 0;
      nextRestart = t + life * r.between(0.5, 1.5);
    }
    const age = t - born;
    wander += (-wander * stepS) / wanderTau + wanderSd * Math.sqrt((2 * stepS) / wanderTau) * r.normal();
    if (r.uniform() < stepS / burstEvery) burst += burstSize * r.exponential(1);
    burst *= Math.exp(-stepS / burstTau);
    let l = 1;
    if (loaded) {
      l = daily ? 1 + dayAmplitude * Math.sin((2 * Math.PI * (t + phase)) / 86400) : 1;
      const bursts = is('n_ratchet', 'l_per_request') ? burst : 0.1 * burst;
      l = Math.max(0.05, l * Math.exp(wander - (wanderSd * wanderSd) / 2) + bursts);
      if (is('n_loadstep') && t > loadStepAt) l *= loadStep;
    }
    if (is('l_intermittent')) {
      onLeft -= stepS;
      if (onLeft <= 0) {
        on = !on;
        onLeft = r.exponential(on ? onMean : offMean);
      }
      l = on ? 1 : 0.05;
    }
    lagged += (l - lagged) * Math.min(1, stepS / 120);
    garbage += allocation * stepS * Math.min(l, 4) * r.between(0.7, 1.3);
    if (garbage > collectorMb * r.between(0.85, 1.15)) {
      garbage = 0;
      residue = collectorMb * 0.05 * r.uniform();
    }
    const k = stepS / noiseTau;
    ar += -ar * Math.min(1, k) + noiseSd * Math.sqrt(Math.min(1, 2 * k)) * r.normal();
    let live = base;
    if (warms) live += warmMb * (1 - Math.exp(-age / warmTau));
    if (loaded) live += perLoad * (is('n_ratchet') ? 0 : lagged * (is('l_intermittent') ? 0.2 : 1));
    if (is('n_ratchet')) {
      high = Math.max(high, perLoad * lagged);
      live += high;
    }
    if (is('n_cache_fill', 'l_cache_then_leak')) {
      const a = t - (is('n_cache_fill') ? fillStart : 0);
      const share =
        fillKind === 0
          ? 1 - Math.exp((-3 * a) / fillS)
          : fillKind === 1
            ? Math.min(1, a / fillS)
            : 1 / (1 + Math.exp(-8 * (a / fillS - 0.5))) - 0.018;
      if (a > 0) live += fillMb * share;
    }
    if (is('n_log_frag')) live += logMb * Math.log(1 + age / logTau);
    if (is('n_steps')) for (const step of steps) if (t > step.t) live += step.mb;
    if (is('n_batch')) {
      const p = (t % batchS) / batchS;
      live += p < batchDuty ? (batchMb * p) / batchDuty : 0;
    }
    if (is('n_spikes') || (!is('n_flat_ar') && spikeMb < 100)) {
      if (r.uniform() < stepS / spikeEvery) spike += spikeMb * r.exponential(1) * 0.5;
      spike *= Math.exp(-stepS / 60);
    }
    if (leaky && t >= onset) {
      const a = (t - onset) / 3600;
      const step = (rate * stepS) / 3600;
      if (is('l_stair')) {
        if (t > stairNext) {
          leak += ((rate * stairEvery) / 3600) * r.between(0.7, 1.3);
          stairNext = t + stairEvery * r.between(0.6, 1.4);
        }
      } else if (is('l_per_request', 'l_diurnal')) leak += step * l;
      else if (is('l_intermittent')) leak += on ? (step * (onMean + offMean)) / onMean : 0;
      else if (is('l_accel')) leak = rate * hours * 0.5 * (a / hours) ** power;
      else leak += step;
    }
    if (gaps.some(([from, to]) => t > from && t < to)) continue;
    const v = Math.max(5, live + leak + garbage + residue + ar + spike + base * 0.001 * r.normal());
    tS.push(t);
    rssMb.push(v);
    load.push(Math.max(0, (loaded ? l : 1) * r.between(0.85, 1.15) + 0.02 * r.normal()));
  }
  return { family, seed, leaky, onsetS: onset, hours, tS, rssMb, aliveMb: null, load, swapMb: null };
}
