import type { Family } from './simulate.ts';
import { daily, events, lagged, pink, wander } from './shapes.ts';

/** Families that were first held out, then used to choose the threshold and joined to the fit. */
export const VALIDATION: Readonly<Record<string, Family>> = {
  // ---- healthy
  h_student_noise: (r, _d, base) => {
    const sd = base * r.between(0.01, 0.04);
    return { noise: () => (sd * r.normal()) / Math.sqrt((r.exponential(1) + r.exponential(1)) / 2) };
  },
  h_blue_10s: (r, _d, base) => {
    let last = 0;
    const sd = base * r.between(0.005, 0.04);
    return {
      stepS: 10,
      noise: () => {
        const v = sd * r.normal();
        const out = v - last;
        last = v;
        return out;
      },
    };
  },
  h_lru_logistic_60s: (r) => {
    const size = r.logBetween(30, 500);
    const centre = r.between(1, 20) * 3600;
    const width = r.logBetween(600, 3600);
    return { stepS: 60, live: (t) => size / (1 + Math.exp(-(t - centre) / width)) };
  },
  h_weekday_load: (r) => {
    const day = daily(r, r.between(0.4, 0.9));
    const lag = lagged(r.logBetween(60, 600));
    const each = r.logBetween(30, 250);
    return {
      load: (t, dt) => day(t, dt) * (t > 86400 ? 1.4 : 1),
      live: (_t, l, dt) => each * lag(l, dt),
    };
  },
  h_six_hour_cron: (r) => {
    const load = daily(r, r.between(0.3, 0.9), r.between(4, 8) * 3600);
    const lag = lagged(300);
    const each = r.logBetween(30, 200);
    return { load, live: (_t, l, dt) => each * lag(l, dt) };
  },
  h_page_cache_ratchet: (r) => {
    // Grows with files read, then reclaimed in part, to a ceiling.
    const ceiling = r.logBetween(60, 400);
    const rate = r.logBetween(20, 400) / 3600;
    let held = 0;
    return {
      live: (_t, _l, dt) => {
        held += rate * dt * (1 - held / ceiling) * r.exponential(1);
        if (r.chance(dt / 10_000)) held *= r.between(0.5, 0.9);
        return held;
      },
    };
  },
  h_log_stairs: (r) => {
    const each = r.logBetween(4, 30);
    const tau = r.logBetween(120, 3000);
    return { live: (t) => each * Math.floor(Math.log(1 + t / tau) * 1.5) };
  },
  h_index_rebuild: (r, d) => {
    const start = r.between(0.1, 0.8) * d;
    const length = r.logBetween(0.3, 3) * 3600;
    const size = r.logBetween(50, 500);
    return { live: (t) => (t < start || t > start + length ? 0 : (size * (t - start)) / length) };
  },
  h_fork_storm: (r) => {
    // PSS of a parent falls while forks share its pages.
    let forks = 0;
    return {
      live: (_t, _l, dt) => {
        forks += events(r, dt / 900) - (r.chance((forks * dt) / 1200) ? 1 : 0);
        return -30 * (forks / (1 + forks));
      },
    };
  },
  h_gc_growing_trigger: (r) => {
    // The collector lets the heap grow further before each major collection, to a cap.
    const cap = r.logBetween(50, 250);
    const rate = r.logBetween(30, 300) / 3600;
    let trigger = cap * 0.1;
    let garbage = 0;
    return {
      noCollector: true,
      live: (_t, _l, dt) => {
        garbage += rate * dt * r.between(0.5, 1.5);
        if (garbage > trigger) {
          garbage = 0;
          trigger = Math.min(cap, trigger * r.between(1.02, 1.3));
        }
        return garbage;
      },
    };
  },
  h_gaps_wander: (r, d, base) => {
    const from = r.between(0, d);
    const to = from + r.logBetween(0.5, 10) * 3600;
    return { noise: wander(r, r.logBetween(600, 6000), base * 0.03), dropSample: (t) => t > from && t < to };
  },
  h_warm_long: (r, _d, base) => {
    const tau = r.logBetween(900, 5400);
    const size = base * r.between(0.2, 1.2);
    return { live: (t) => size * (1 - Math.exp(-t / tau)) };
  },
  // ---- leaking
  k_trimmed: (r) => {
    const rate = r.logBetween(10, 80) / 3600;
    const every = r.between(6, 14) * 3600;
    let next = every;
    let leaked = 0;
    return {
      leak: (t, _l, dt) => {
        leaked += rate * dt;
        if (t > next) {
          leaked *= r.between(0.75, 0.9);
          next += every;
        }
        return leaked;
      },
    };
  },
  k_geometric_stairs: (r) => {
    const rate = r.logBetween(8, 50) / 3600;
    const step = r.logBetween(4, 30);
    return { leak: (t) => step * Math.floor((rate * t) / step) };
  },
  k_night_pause: (r) => {
    const rate = r.logBetween(8, 50) / 3600;
    const phase = r.between(0, 86400);
    let leaked = 0;
    return { leak: (t, _l, dt) => (leaked += (t + phase) % 86400 < 50_000 ? rate * dt : 0) };
  },
  k_after_a_day: (r) => {
    const onsetS = r.between(20, 34) * 3600;
    const rate = r.logBetween(8, 80) / 3600;
    return { onsetS, leak: (t) => Math.max(0, t - onsetS) * rate };
  },
  k_quadratic: (r) => {
    const total = r.logBetween(200, 2000);
    return { leak: (t, _l) => total * (t / 172_800) ** 2 };
  },
  k_heavy_tail_noise: (r, _d, base) => {
    const rate = r.logBetween(4, 40) / 3600;
    let spike = 0;
    return {
      leak: (t) => rate * t,
      noise: (dt) => {
        if (r.chance(dt / 1200)) spike += base * 0.03 * Math.min(60, r.pareto(1.3));
        spike *= Math.exp(-dt / 120);
        return spike;
      },
    };
  },
  k_churn_10s: (r) => {
    const level = wander(r, r.logBetween(900, 7200), 0.4);
    const each = r.logBetween(20, 150);
    const rate = r.logBetween(6, 50) / 3600;
    const lag = lagged(120);
    let leaked = 0;
    return {
      stepS: 10,
      load: (_t, dt) => Math.exp(level(dt)),
      live: (_t, l, dt) => each * lag(l, dt),
      leak: (_t, l, dt) => (leaked += rate * l * dt),
    };
  },
  k_slow_pink: (r) => {
    const rate = r.logBetween(1.2, 5) / 3600;
    return { noise: pink(r, r.logBetween(10, 60), 1000), leak: (t) => rate * t };
  },
  k_cron_load_60s: (r) => {
    const load = daily(r, r.between(0.3, 0.9), r.between(4, 8) * 3600);
    const lag = lagged(300);
    const each = r.logBetween(30, 200);
    const rate = r.logBetween(6, 50) / 3600;
    return { stepS: 60, load, live: (_t, l, dt) => each * lag(l, dt), leak: (t) => rate * t };
  },
  k_cache_plus: (r) => {
    const size = r.logBetween(40, 300);
    const tau = r.logBetween(600, 6000);
    const rate = r.logBetween(6, 50) / 3600;
    return { live: (t) => size * (1 - Math.exp(-t / tau)), leak: (t) => rate * t };
  },
};
