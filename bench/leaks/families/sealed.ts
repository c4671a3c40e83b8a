import type { Family } from './simulate.ts';
import { daily, events, lagged, pink, wander } from './shapes.ts';
import type { Random } from './random.ts';

/** Nine to six on a plateau, with a dip at noon and a quiet night; 1 in the office hours. */
function officeHours(r: Random): (t: number, dt: number) => number {
  const phase = r.between(0, 86400);
  const night = r.between(0.05, 0.3);
  const jitter = wander(r, r.logBetween(900, 5400), r.between(0.05, 0.2));
  return (t, dt) => {
    const hour = ((t + phase) % 86400) / 3600;
    const day = Math.min(1, Math.max(0, (hour - 8) / 1.5)) * Math.min(1, Math.max(0, (19 - hour) / 1.5));
    const lunch = hour > 12 && hour < 13 ? 0.6 : 1;
    return Math.exp(jitter(dt)) * (night + (1 - night) * day * lunch);
  };
}

/** Turns of an agent: working for minutes, waiting for its user for longer. */
function turns(r: Random, workS: number, waitS: number): (dt: number) => boolean {
  let working = false;
  let left = waitS * r.uniform();
  return (dt) => {
    left -= dt;
    if (left <= 0) {
      working = !working;
      left = r.exponential(working ? workS : waitS);
    }
    return working;
  };
}

/**
 * The set by which the detectors are judged: written before the last fit, looked at once, after it. Drawn from what
 * processes around agents do (contexts that grow and are compacted, language servers, test watchers, pools, fetch bodies
 * that are not released, timers, idle workers), with mechanisms and parameters that the other sets do not have.
 */
export const SEALED: Readonly<Record<string, Family>> = {
  // ---- healthy
  h_context_compaction: (r) => {
    // A context grows by turns and is compacted to a summary at its limit.
    const busy = turns(r, r.logBetween(60, 900), r.logBetween(120, 3600));
    const rate = r.logBetween(10, 120) / 3600;
    const limit = r.logBetween(30, 250);
    let held = 0;
    let on = false;
    return {
      load: (_t, dt) => {
        on = busy(dt);
        return on ? 1 : 0.05;
      },
      live: (_t, _l, dt) => {
        if (on) held += rate * dt * r.exponential(1);
        if (held > limit) held = limit * r.between(0.05, 0.3);
        return held;
      },
    };
  },
  h_language_server: (r) => {
    // Parsed files in a bounded LRU: opened in bursts, the oldest thrown out when full.
    const budget = r.logBetween(80, 500);
    const every = r.logBetween(120, 1200);
    const size = r.logBetween(1, 8);
    const busy = officeHours(r);
    const files: number[] = [];
    let held = 0;
    return {
      load: busy,
      live: (_t, l, dt) => {
        for (let n = events(r, (l * dt) / every); n > 0; n--) {
          files.push(size * r.exponential(1));
          held += files[files.length - 1]!;
        }
        while (held > budget) held -= files.shift()!;
        return held;
      },
    };
  },
  h_test_watcher: (r) => {
    // Each run climbs with its test files and ends; compiled code stays, up to a bound.
    const runS = r.logBetween(60, 1500);
    const every = r.logBetween(600, 7200);
    const size = r.logBetween(80, 800);
    const compiled = r.logBetween(10, 80);
    let runs = 0;
    let left = 0;
    let length = 1;
    return {
      load: () => (left > 0 ? 3 : 0.1),
      live: (_t, _l, dt) => {
        if (left <= 0 && r.chance(dt / every)) {
          left = length = runS * r.between(0.5, 1.6);
          runs++;
        }
        left -= dt;
        const running = left > 0 ? size * (1 - left / length) ** r.between(0.7, 0.75) : 0;
        return running + compiled * (1 - Math.exp(-runs / 3));
      },
    };
  },
  h_stretched_warmup: (r, _d, base) => {
    // Many parts warm up, each at its own pace: a stretched exponential.
    const size = base * r.between(0.1, 0.9);
    const tau = r.logBetween(600, 7200);
    const stretch = r.between(0.4, 0.7);
    return { live: (t) => size * (1 - Math.exp(-((t / tau) ** stretch))) };
  },
  h_pool_reaper: (r) => {
    // A pool opens connections at once for bursts and closes idle ones after minutes.
    const busy = wander(r, r.logBetween(300, 3600), r.between(0.4, 0.9));
    const each = r.logBetween(20, 150);
    const idleS = r.logBetween(600, 2400);
    let open = 1;
    return {
      load: (_t, dt) => Math.exp(busy(dt)),
      live: (_t, l, dt) => {
        open = l > open ? l : open + ((l - open) * dt) / idleS;
        return each * open;
      },
    };
  },
  h_memtable_by_load: (r) => {
    // Filled as fast as writes come, flushed at its size.
    const write = officeHours(r);
    const size = r.logBetween(30, 250);
    const fillS = r.logBetween(1200, 12_000);
    let held = size * r.uniform();
    return {
      load: write,
      live: (_t, l, dt) => {
        held += (size * l * dt) / fillS;
        if (held > size) held = 0;
        return held;
      },
    };
  },
  h_office: (r) => {
    const lag = lagged(r.logBetween(60, 900));
    const each = r.logBetween(30, 250);
    return { load: officeHours(r), live: (_t, l, dt) => each * lag(l, dt) };
  },
  h_cache_by_work: (r) => {
    // Fills by the work done: slow at night, quick by day.
    const load = daily(r, r.between(0.3, 0.9));
    const size = r.logBetween(40, 400);
    const need = r.logBetween(1200, 12_000);
    let work = 0;
    return { load, live: (_t, l, dt) => size * (1 - Math.exp(-(work += l * dt) / need)) };
  },
  h_swap_waves: (r) => {
    const every = r.between(4, 16) * 3600;
    const most = r.between(0.2, 0.7);
    return { swapShare: (t) => most * Math.max(0, Math.sin((2 * Math.PI * t) / every)) };
  },
  h_irregular: (r, _d, base) => ({
    // Half of the samples are missing, at random; noise of two speeds.
    stepS: 20,
    noise: pink(r, base * r.between(0.01, 0.03), 8000),
    dropSample: () => r.chance(0.5),
  }),
  h_model_loads: (r) => {
    // A model is loaded for a job, read in over minutes, and let go after it.
    const every = r.logBetween(1, 8) * 3600;
    const size = r.logBetween(100, 900);
    const readS = r.logBetween(60, 900);
    let left = 0;
    let since = 0;
    return {
      live: (_t, _l, dt) => {
        if (left <= 0 && r.chance(dt / every)) {
          left = r.exponential(every);
          since = 0;
        }
        left -= dt;
        since += dt;
        return left > 0 ? size * Math.min(1, since / readS) : 0;
      },
    };
  },
  h_log_by_load: (r) => {
    // Interned strings: new ones ever more rare (logarithmic in the work done).
    const load = officeHours(r);
    const each = r.logBetween(5, 25);
    const first = r.logBetween(120, 2400);
    let work = 0;
    return { load, live: (_t, l, dt) => each * Math.log(1 + (work += l * dt) / first) };
  },
  // ---- leaking
  k_idle_worker: (r, _d, base) => {
    // Grows whether it works or not, at a pace that is a share of its size.
    const rate = (base * r.logBetween(0.03, 0.3)) / 3600;
    return { leak: (t) => rate * t };
  },
  k_fetch_bodies: (r) => {
    // Bodies that are never released, of very different sizes, only while it works.
    const busy = turns(r, r.logBetween(120, 1200), r.logBetween(120, 2400));
    const perHour = r.logBetween(20, 300);
    const size = r.logBetween(12, 90) / perHour;
    let on = false;
    let leaked = 0;
    return {
      load: (_t, dt) => {
        on = busy(dt);
        return on ? 1 : 0.05;
      },
      leak: (_t, _l, dt) => {
        if (on) for (let n = events(r, (2 * perHour * dt) / 3600); n > 0; n--) leaked += size * 0.5 * r.pareto(2);
        return leaked;
      },
    };
  },
  k_listener_office: (r) => {
    const load = officeHours(r);
    const lag = lagged(r.logBetween(60, 600));
    const each = r.logBetween(20, 150);
    const rate = r.logBetween(8, 60) / 3600;
    let leaked = 0;
    return { load, live: (_t, l, dt) => each * lag(l, dt), leak: (_t, l, dt) => (leaked += 2 * rate * l * dt) };
  },
  k_compaction_residue: (r) => {
    // Each compaction forgets most, never all.
    const rate = r.logBetween(30, 200) / 3600;
    const every = r.logBetween(0.4, 2) * 3600;
    const kept = r.between(0.1, 0.35);
    let residue = 0;
    let fresh = 0;
    let left = every * r.uniform();
    return {
      leak: (_t, _l, dt) => {
        fresh += rate * dt;
        left -= dt;
        if (left <= 0) {
          residue += kept * fresh;
          fresh = 0;
          left = every * r.between(0.7, 1.3);
        }
        return residue + fresh;
      },
    };
  },
  k_timer: (r) => {
    // A job every 15 to 90 minutes leaves the same again.
    const every = r.between(900, 5400);
    const rate = r.logBetween(6, 50) / 3600;
    const phase = every * r.uniform();
    return { leak: (t) => rate * every * Math.floor((t + phase) / every) };
  },
  k_slow_office: (r) => {
    // Slow, under the noise of sessions that nobody measured as load.
    const sessions = wander(r, r.logBetween(120, 900), r.logBetween(8, 60));
    const rate = r.logBetween(1.5, 5) / 3600;
    return { noise: (dt) => sessions(dt), leak: (t) => rate * t };
  },
  k_slow_collector: (r) => {
    // Slow, under a large and slow collector.
    const size = r.logBetween(80, 220);
    const period = r.logBetween(300, 1800);
    const rate = r.logBetween(1.5, 5) / 3600;
    let garbage = 0;
    return {
      noCollector: true,
      live: (_t, _l, dt) => {
        garbage += ((size * dt) / period) * r.between(0.3, 1.7);
        if (garbage > size * r.between(0.7, 1.1)) garbage = 0;
        return garbage;
      },
      leak: (t) => rate * t,
    };
  },
  k_uneven: (r) => {
    // The pace itself wanders by the hour.
    const pace = wander(r, r.logBetween(1800, 14_400), r.between(0.3, 0.8));
    const rate = r.logBetween(8, 60) / 3600;
    let leaked = 0;
    return { leak: (_t, _l, dt) => (leaked += rate * Math.exp(pace(dt)) * dt) };
  },
  k_after_upgrade: (r, d) => {
    // A new version at mid-life: a step, and a leak from then on.
    const onsetS = r.between(0.15, 0.6) * d;
    const rate = r.logBetween(8, 70) / 3600;
    const step = r.between(-30, 60);
    return { onsetS, live: (t) => (t < onsetS ? 0 : step), leak: (t) => Math.max(0, t - onsetS) * rate };
  },
  k_growing_cache: (r) => {
    // A cache without a limit whose hit rate rises: the pace falls to a half in two days.
    const rate = r.logBetween(12, 80) / 3600;
    return { leak: (t) => rate * (t - (0.25 * t * t) / 172_800) };
  },
  k_swapped_later: (r) => {
    const rate = r.logBetween(10, 60) / 3600;
    const from = r.between(3, 20) * 3600;
    return { leak: (t) => rate * t, swapShare: (t) => (t < from ? 0 : 0.6 * (1 - Math.exp((from - t) / 20_000))) };
  },
};
