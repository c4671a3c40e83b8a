import type { Family } from './simulate.ts';
import { daily, events, lagged, pink, wander } from './shapes.ts';

/** Families kept out of all tuning: written before, measured after everything else was fixed. */
export const HELD_OUT: Readonly<Record<string, Family>> = {
  // ---- healthy
  h_allocator_decay: (r) => {
    // Bursts leave pages with the allocator, which gives them back over minutes to an hour.
    const every = r.logBetween(600, 7200);
    const size = r.logBetween(20, 200);
    const tau = r.logBetween(300, 4000);
    let held = 0;
    return {
      live: (_t, _l, dt) => {
        if (r.chance(dt / every)) held += size * r.exponential(0.5);
        held *= Math.exp(-dt / tau);
        return held;
      },
    };
  },
  h_pareto_sessions: (r) => {
    // Sessions with heavy-tailed lengths; the load is their number.
    const each = r.logBetween(2, 15);
    const rate = r.logBetween(5, 40) / 3600;
    let open: number[] = [];
    return {
      load: (t, dt) => {
        for (let n = events(r, rate * dt); n > 0; n--) open.push(t + 300 * Math.min(100, r.pareto(1.2)));
        open = open.filter((end) => end > t);
        return 0.1 + open.length / 10;
      },
      live: () => each * open.length,
    };
  },
  h_builds: (r) => {
    let end = 0;
    let start = 0;
    let size = 0;
    const every = r.logBetween(0.5, 5) * 3600;
    return {
      live: (t, _l, dt) => {
        if (t > end && r.chance(dt / every)) {
          start = t;
          end = t + r.logBetween(600, 5400);
          size = r.logBetween(50, 600);
        }
        return t < end ? (size * (t - start)) / (end - start) : 0;
      },
    };
  },
  h_ttl_cache: (r) => {
    // Linear until the first entries expire, flat from then on.
    const ttl = r.logBetween(0.3, 5) * 3600;
    const size = r.logBetween(30, 300);
    const level = wander(r, 3600, 0.05);
    return { live: (t, _l, dt) => size * Math.min(1, t / ttl) * (1 + level(dt)) };
  },
  h_two_levels: (r) => {
    let high = false;
    const stay = r.logBetween(0.3, 8) * 3600;
    const size = r.logBetween(20, 200);
    return {
      live: (_t, _l, dt) => {
        if (r.chance(dt / stay)) high = !high;
        return high ? size : 0;
      },
    };
  },
  h_long_pink: (r, _d, base) => ({ noise: pink(r, base * r.between(0.01, 0.05), 50_000) }),
  h_huge_pages: (r, _d, base) => {
    // Noise that is seen through 2 to 16 MB pages.
    const page = r.logBetween(2, 16);
    const level = wander(r, r.logBetween(300, 6000), base * 0.02);
    return { noCollector: true, noise: (dt) => page * Math.floor(level(dt) / page) };
  },
  h_startup_peak: (r, _d, base) => {
    const tau = r.logBetween(300, 3000);
    const peak = base * r.between(0.3, 2);
    return { live: (t) => peak * Math.exp(-t / tau) };
  },
  h_growing_load: (r, d) => {
    const growth = r.between(0.2, 0.8);
    const jitter = wander(r, r.logBetween(900, 7200), 0.15);
    const lag = lagged(r.logBetween(30, 400));
    const each = r.logBetween(40, 250);
    return {
      load: (t, dt) => (1 + (growth * t) / d) * Math.exp(jitter(dt)),
      live: (_t, l, dt) => each * lag(l, dt),
    };
  },
  h_merge_tree: (r) => {
    // Levels of a merge tree: small ramps inside larger ones, all given back.
    const unit = r.logBetween(600, 3000);
    const size = r.logBetween(10, 60);
    return { live: (t) => size * ((t / unit) % 1) + 2 * size * ((t / (unit * 4)) % 1) };
  },
  h_plugins_warm: (r) => {
    const parts = Array.from({ length: r.integer(2, 6) }, () => ({
      at: r.between(0, 6) * 3600,
      mb: r.logBetween(5, 60),
      tau: r.logBetween(60, 2000),
    }));
    return { live: (t) => parts.reduce((s, p) => s + (t > p.at ? p.mb * (1 - Math.exp(-(t - p.at) / p.tau)) : 0), 0) };
  },
  h_quiet_10s: () => ({ stepS: 10 }),
  // ---- leaking
  k_page_steps: (r) => {
    const rate = r.logBetween(6, 50) / 3600;
    const page = r.logBetween(4, 32);
    return { leak: (t) => page * Math.floor((rate * t) / page) };
  },
  k_daily_restart: (r) => {
    const rate = r.logBetween(10, 60) / 3600;
    const at = r.between(8, 24) * 3600;
    return { leak: (t) => rate * (t % at) };
  },
  k_long_collector: (r) => {
    const rate = r.logBetween(5, 50) / 3600;
    const period = r.logBetween(900, 3000);
    const size = r.logBetween(50, 250);
    return { noCollector: true, live: (t) => size * ((t % period) / period), leak: (t) => rate * t };
  },
  k_slow_wandering: (r) => {
    const rate = r.logBetween(1.2, 5) / 3600;
    return { noise: wander(r, r.logBetween(20, 300), r.logBetween(10, 120)), leak: (t) => rate * t };
  },
  k_nearly_linear: (r) => {
    const total = r.logBetween(200, 1500);
    return { leak: (t) => total * (t / 172_800) ** 0.88 };
  },
  k_per_session: (r) => {
    const each = r.logBetween(2, 12);
    const lost = r.logBetween(0.1, 1);
    const rate = r.logBetween(20, 80) / 3600;
    let open: number[] = [];
    let leaked = 0;
    return {
      load: (t, dt) => {
        for (let n = events(r, rate * dt); n > 0; n--) {
          open.push(t + r.exponential(1200));
          leaked += lost;
        }
        open = open.filter((end) => end > t);
        return 0.1 + open.length / 10;
      },
      live: () => each * open.length,
      leak: () => leaked,
    };
  },
  k_after_deploy: (r, d) => {
    const onsetS = r.between(0.2, 0.6) * d;
    const rate = r.logBetween(8, 80) / 3600;
    const size = r.logBetween(20, 100);
    return {
      onsetS,
      live: (t) => (t < onsetS ? 0 : size * (1 - Math.exp((onsetS - t) / 900))),
      leak: (t) => Math.max(0, t - onsetS) * rate,
    };
  },
  k_fast_10s: (r) => {
    const rate = r.logBetween(40, 500) / 3600;
    return { stepS: 10, leak: (t) => rate * t };
  },
  k_day_load_60s: (r) => {
    const load = daily(r, r.between(0.4, 0.9));
    const lag = lagged(r.logBetween(60, 600));
    const each = r.logBetween(30, 200);
    const rate = r.logBetween(6, 50) / 3600;
    let leaked = 0;
    return {
      stepS: 60,
      load,
      live: (_t, l, dt) => each * lag(l, dt),
      leak: (_t, l, dt) => (leaked += rate * l * dt),
    };
  },
  k_builds_leak: (r) => {
    let end = 0;
    let start = 0;
    let size = 0;
    const every = r.logBetween(0.5, 3) * 3600;
    const rate = r.logBetween(8, 50) / 3600;
    return {
      live: (t, _l, dt) => {
        if (t > end && r.chance(dt / every)) {
          start = t;
          end = t + r.logBetween(600, 3600);
          size = r.logBetween(30, 200);
        }
        return t < end ? (size * (t - start)) / (end - start) : 0;
      },
      leak: (t) => rate * t,
    };
  },
};
