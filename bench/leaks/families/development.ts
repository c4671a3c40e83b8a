import type { Family } from './simulate.ts';
import { daily, events, lagged, pink, wander } from './shapes.ts';

/** Families that thresholds and weights were tuned on, beside the published 27. */
export const DEVELOPMENT: Readonly<Record<string, Family>> = {
  // ---- healthy
  h_pink: (r, _d, base) => ({ noise: pink(r, base * r.between(0.01, 0.05), 20_000) }),
  h_slow_wander: (r, _d, base) => ({ noise: wander(r, r.logBetween(3600, 20_000), base * r.between(0.02, 0.08)) }),
  h_power_cache: (r) => {
    const size = r.logBetween(40, 400);
    const fill = r.logBetween(1, 12) * 3600;
    const power = r.between(0.3, 0.6);
    return { live: (t) => size * Math.min(1, (t / fill) ** power) };
  },
  h_buffer_flush: (r) => {
    const period = r.logBetween(0.3, 6) * 3600;
    const size = r.logBetween(20, 200);
    let since = period * r.uniform();
    let now = period;
    return {
      live: (_t, _l, dt) => {
        since += dt;
        if (since > now) {
          since = 0;
          now = period * r.between(0.7, 1.3);
        }
        return size * (since / period);
      },
    };
  },
  h_doubling: (r) => {
    // A hash table that doubles as the (slowing) number of keys grows.
    const first = r.logBetween(2, 10);
    const tau = r.logBetween(300, 5000);
    return { live: (t) => first * 2 ** Math.floor(Math.log2(1 + t / tau)) * 0.5 };
  },
  h_pool_load: (r) => {
    const load = daily(r, r.between(0.3, 0.8));
    const lag = lagged(r.logBetween(60, 900));
    const each = r.logBetween(30, 250);
    return { load, live: (_t, l, dt) => each * lag(l, dt) };
  },
  h_night_job: (r) => {
    const start = r.between(0, 86400);
    const length = r.logBetween(0.5, 4) * 3600;
    const size = r.logBetween(50, 400);
    const busy = (t: number): number => ((t + start) % 86400 < length ? 1 : 0);
    const lag = lagged(r.logBetween(120, 1200));
    return { load: (t) => 0.3 + busy(t), live: (t, _l, dt) => size * lag(busy(t), dt) };
  },
  h_lazy_modules: (r) => {
    let loaded = 0;
    const each = r.logBetween(2, 15);
    const tau = r.logBetween(600, 7200);
    const expected = r.logBetween(5, 25);
    return {
      live: (t, _l, dt) => {
        for (let n = events(r, (expected * Math.exp(-t / tau) * dt) / tau); n > 0; n--)
          loaded += each * r.exponential(1);
        return loaded;
      },
    };
  },
  h_swap_out: (r, _d) => {
    const from = r.between(5, 30) * 3600;
    const share = r.between(0.2, 0.6);
    return { swapShare: (t) => (t < from ? 0 : share * Math.min(1, (t - from) / 7200)) };
  },
  h_idle_trim: (r) => {
    const every = r.logBetween(2, 10) * 3600;
    const size = r.logBetween(20, 150);
    return { live: (t) => size * Math.exp(-3 * ((t % every) / every)) };
  },
  h_heavy_tail: (r, _d, base) => {
    let spike = 0;
    const rate = r.logBetween(1 / 3600, 1 / 300);
    const tau = r.logBetween(30, 600);
    return {
      noise: (dt) => {
        if (r.chance(rate * dt)) spike += base * 0.03 * Math.min(60, r.pareto(1.3));
        spike *= Math.exp(-dt / tau);
        return spike;
      },
    };
  },
  h_two_caches: (r) => {
    const a = r.logBetween(20, 200);
    const b = r.logBetween(20, 200);
    const ta = r.logBetween(600, 6000);
    const tb = r.logBetween(3000, 20_000);
    return { live: (t) => a * (1 - Math.exp(-t / ta)) + b * (1 - Math.exp(-t / tb)) };
  },
  // ---- leaking
  k_pink_linear: (r, _d, base) => {
    const rate = r.logBetween(4, 50) / 3600;
    return { noise: pink(r, base * r.between(0.01, 0.04), 5000), leak: (t) => rate * t };
  },
  k_heavy_jumps: (r) => {
    const perHour = r.logBetween(5, 200);
    const size = r.logBetween(6, 50) / perHour;
    let leaked = 0;
    return {
      leak: (_t, _l, dt) => {
        for (let n = events(r, (perHour * dt) / 3600); n > 0; n--) leaked += size * Math.min(50, r.pareto(1.6)) * 0.45;
        return leaked;
      },
    };
  },
  k_day_only: (r) => {
    const load = daily(r, r.between(0.6, 0.95));
    const lag = lagged(120);
    const each = r.logBetween(20, 150);
    const rate = r.logBetween(6, 40) / 3600;
    let leaked = 0;
    return {
      load,
      live: (_t, l, dt) => each * lag(l, dt),
      leak: (_t, l, dt) => (leaked += l > 1 ? rate * l * dt : 0),
    };
  },
  k_exponential: (r) => {
    const tau = r.between(8, 20) * 3600;
    const first = r.logBetween(10, 60);
    return { leak: (t) => first * (Math.exp(t / tau) - 1) };
  },
  k_partly_freed: (r) => {
    const rate = r.logBetween(10, 60) / 3600;
    const every = r.logBetween(1, 5) * 3600;
    let freed = 0;
    let next = every;
    let last = 0;
    return {
      leak: (t) => {
        const now = rate * t;
        if (t > next) {
          next += every * r.between(0.7, 1.3);
          freed += (now - last) * r.between(0.1, 0.4);
          last = now;
        }
        return now - freed;
      },
    };
  },
  k_swap_hidden: (r) => {
    const rate = r.logBetween(8, 60) / 3600;
    const from = r.between(1, 10) * 3600;
    return {
      leak: (t) => rate * t,
      // The kernel swaps out what is leaked, so that RSS stays about flat.
      swapShare: (t) => (t < from ? 0 : Math.min(0.9, (rate * (t - from)) / (300 + rate * t))),
    };
  },
  k_late: (r, d) => {
    const onsetS = r.between(0.3, 0.75) * d;
    const rate = r.logBetween(6, 60) / 3600;
    return { onsetS, leak: (t) => Math.max(0, t - onsetS) * rate };
  },
  k_slow_quiet: (r) => {
    const rate = r.logBetween(1.5, 6) / 3600;
    return { leak: (t) => rate * t };
  },
  k_sessions_residue: (r) => {
    // Sessions come and go; each leaves something behind.
    const level = wander(r, r.logBetween(1800, 7200), r.between(0.2, 0.5));
    const each = r.logBetween(30, 200);
    const rate = r.logBetween(6, 50) / 3600;
    const lag = lagged(120);
    let leaked = 0;
    return {
      load: (_t, dt) => Math.exp(level(dt)),
      live: (_t, l, dt) => each * lag(l, dt),
      leak: (_t, l, dt) => (leaked += rate * l * dt),
    };
  },
};
