import { BLOCK_MS } from '../../src/detectors/define.ts';
import { createIntake } from '../../src/detectors/intake.ts';
import { createScales, windowStart } from '../../src/detectors/window/scales.ts';
import { trend, type Trend } from '../../src/detectors/window/trend.ts';
import { measureWindow } from '../../src/detectors/window/window.ts';
import { createBlocks, createWindowStats } from '../../src/detectors/window/statistics.ts';
import type { Contestant, Look, Watcher } from './watchers.ts';

/**
 * What else is in use or published, each in its own terms; where a source leaves a parameter open the customary value is
 * taken. They run on the same traces in the same bench.
 */

/** Keeps the last n values of fixed-width blocks. */
function blocksOf(
  widthS: number,
  n: number,
  pick: 'mean' | 'min',
  onBlock: (t: number[], x: number[]) => void,
): (look: Look) => void {
  const t: number[] = [];
  const x: number[] = [];
  let index = -1;
  let sum = 0;
  let count = 0;
  let least = Number.POSITIVE_INFINITY;
  return ({ tS, rssBytes }) => {
    const now = Math.floor(tS / widthS);
    if (now !== index && count > 0) {
      t.push(index * widthS);
      x.push(pick === 'mean' ? sum / count : least);
      if (t.length > n) {
        t.shift();
        x.shift();
      }
      onBlock(t, x);
      sum = count = 0;
      least = Number.POSITIVE_INFINITY;
    }
    index = now;
    sum += rssBytes;
    count++;
    least = Math.min(least, rssBytes);
  };
}

function line(t: readonly number[], x: readonly number[]): { slope: number; r2: number; end: number } {
  const n = t.length;
  const mt = t.reduce((a, b) => a + b, 0) / n;
  const mx = x.reduce((a, b) => a + b, 0) / n;
  let tt = 0;
  let tx = 0;
  let xx = 0;
  for (let i = 0; i < n; i++) {
    tt += (t[i]! - mt) ** 2;
    tx += (t[i]! - mt) * (x[i]! - mx);
    xx += (x[i]! - mx) ** 2;
  }
  return { slope: tx / tt, r2: xx > 0 ? (tx * tx) / (tt * xx) : 0, end: mx + (tx / tt) * (t[n - 1]! - mt) };
}

function watcher(make: (set: (on: boolean) => void) => (look: Look) => void): () => Watcher {
  return () => {
    let on = false;
    const push = make((value) => {
      on = value;
    });
    return { push, alarming: () => on };
  };
}

/** Ten samples: share of steps above .1 %. */
function seedSustained(window: readonly number[]): number {
  let up = 0;
  for (let i = 1; i < window.length; i++) if (window[i]! / window[i - 1]! - 1 > 0.001) up++;
  return up / (window.length - 1);
}

function seedStaircase(window: readonly number[]): number {
  let plateaus = 0;
  let jumps = 0;
  for (let i = 1; i < window.length; i++) {
    const change = Math.abs(window[i]! / window[i - 1]! - 1);
    if (change < 0.001) plateaus++;
    else if (change > 0.05) jumps++;
  }
  return plateaus > 0 ? Math.min(1, jumps / plateaus) : 0;
}

function seed(decide: (window: readonly number[]) => boolean): () => Watcher {
  return watcher((set) => {
    const window: number[] = [];
    return ({ rssBytes }) => {
      window.push(rssBytes);
      if (window.length > 10) window.shift();
      set(window.length === 10 && decide(window));
    };
  });
}

function mannKendall(): () => Watcher {
  return watcher((set) => {
    const out: Trend = { slope: 0, z: 0, mad: 0, dependence: 1 };
    let looks = 0;
    return blocksOf(900, 48, 'mean', (t, x) => {
      // Looked at hourly; the plain test, without correction for dependence or for looking again and again.
      if (t.length < 48 || looks++ % 4 !== 0) return;
      trend(Float64Array.from(t), Float64Array.from(x), 48, out);
      set(out.z * Math.sqrt(out.dependence) > 3.09);
    });
  });
}

function memwatch(): () => Watcher {
  return watcher((set) =>
    blocksOf(300, 6, 'min', (_t, x) => {
      let grows = x.length === 6;
      for (let i = 1; i < x.length; i++) if (x[i]! <= x[i - 1]!) grows = false;
      set(grows);
    }),
  );
}

/** Page (1954), Hinkley (1971): δ half a standard deviation of the first hour, λ = 50 of them. */
function pageHinkley(): () => Watcher {
  return watcher((set) => {
    const first: number[] = [];
    let mean = 0;
    let sd = 0;
    let sum = 0;
    let least = 0;
    return blocksOf(300, 1, 'mean', (_t, x) => {
      const v = x[0]!;
      if (first.length < 12) {
        first.push(v);
        mean = first.reduce((a, b) => a + b, 0) / first.length;
        sd = Math.sqrt(first.reduce((a, b) => a + (b - mean) ** 2, 0) / first.length) + 1e5;
        return;
      }
      sum += (v - mean) / sd - 0.5;
      least = Math.min(least, sum);
      set(sum - least > 50);
    });
  });
}

/** The gates of the research prototype, from their description, on the same pyramid. */
function gates(strict: boolean): () => Watcher {
  return () => {
    const intake = createIntake();
    const blocks = createBlocks();
    const stats = createWindowStats();
    const scales = createScales(BLOCK_MS.service);
    const { pyramid } = scales;
    const passes = new Map<number, number>();
    const drawdown = new Map<number, { peak: number; fall: number }>();
    const seen = new Map<number, number>();
    let on = false;
    const lookAt = (level: number): boolean => {
      const n = pyramid.count(level);
      const last = pyramid.mean(level, n - 1);
      const d = drawdown.get(level) ?? { peak: last, fall: 0 };
      d.peak = Math.max(d.peak, last);
      d.fall = Math.max(d.fall * 0.97, d.peak - last);
      drawdown.set(level, d);
      const first = windowStart(pyramid, level);
      if (n - first < 12) return false;
      blocks.n = n - first;
      let peakBefore = pyramid.forgottenMax(level);
      for (let i = 0; i < first; i++) peakBefore = Math.max(peakBefore, pyramid.mean(level, i));
      for (let i = first; i < n; i++) {
        blocks.t[i - first] = pyramid.time(level, i);
        blocks.mean[i - first] = pyramid.mean(level, i);
        blocks.floor[i - first] = pyramid.min(level, i);
        blocks.load[i - first] = pyramid.load(level, i);
      }
      if (
        !measureWindow(blocks, { coefficient: 0, variance: Number.POSITIVE_INFINITY, peakBefore, byClock: true }, stats)
      )
        return false;
      const level0 = stats.rise / stats.relativeRise;
      const enough = stats.rise >= Math.max(0.02 * level0, 5 * 1048576, 2 * stats.noise);
      const half = blocks.n >> 1;
      const quarter = blocks.n >> 2;
      const x = blocks.mean;
      const recent = x[blocks.n - 1]! - x[half]!;
      const before = x[half]! - x[quarter]!;
      const octave = before > 0 ? recent / before : 2;
      // Alpha spending: .01 over levels and looks, 6/π² / k².
      const looks = (seen.get(level * 100) ?? 0) + 1;
      seen.set(level * 100, looks);
      const alpha = (0.01 / 9) * (0.6079 / looks ** 2);
      const z = Math.sqrt(-2 * Math.log(alpha * 2.5));
      return (
        enough &&
        stats.z >= Math.min(z, 4) &&
        stats.rise >= (strict ? 1.75 : 1.2) * d.fall &&
        stats.novelty - (2 * stats.noise) / stats.rise >= 0.3 &&
        octave >= (strict ? 1.6 : 1.3)
      );
    };
    return {
      push({ tS, rssBytes, swapBytes, load }) {
        const reading = intake.accept({ tMs: tS * 1000, rssBytes, swapBytes, cpuRatio: load });
        if (reading === null) return;
        scales.push(reading.tSeconds, reading.footprintBytes, reading.load);
        let any = false;
        let looked = false;
        for (let level = 0; level < 9; level++) {
          const closed = pyramid.closed(level);
          if (closed !== (seen.get(level) ?? 0)) {
            seen.set(level, closed);
            looked = true;
            passes.set(level, lookAt(level) ? (passes.get(level) ?? 0) + 1 : 0);
          }
          if ((passes.get(level) ?? 0) >= (strict ? 6 : 4)) any = true;
        }
        if (looked) on = any;
      },
      alarming: () => on,
    };
  };
}

function recordsAlone(): () => Watcher {
  return () => {
    const intake = createIntake();
    const scales = createScales(BLOCK_MS.service);
    let on = false;
    return {
      push({ tS, rssBytes, swapBytes }) {
        const reading = intake.accept({ tMs: tS * 1000, rssBytes, swapBytes });
        if (reading === null) return;
        scales.push(reading.tSeconds, reading.footprintBytes, null);
        on = scales.bets.logE >= Math.log(1000);
      },
      alarming: () => on,
    };
  };
}

export const BASELINES: readonly Contestant[] = [
  { name: 'seed sustained', start: seed((w) => seedSustained(w) > 0.7) },
  // Its GC score is 1 when there are no GC figures.
  { name: 'seed combined', start: seed((w) => (seedSustained(w) + seedStaircase(w) + 1) / 3 > 0.6) },
  {
    name: 'OLS R² > .8, 6 h',
    start: watcher((set) =>
      blocksOf(300, 72, 'mean', (t, x) => {
        const { slope, r2 } = line(t, x);
        set(t.length === 72 && slope > 0 && r2 > 0.8);
      }),
    ),
  },
  { name: 'Mann-Kendall 12 h, p < .001', start: mannKendall() },
  { name: 'memwatch (5-min minima)', start: memwatch() },
  { name: 'Page–Hinkley', start: pageHinkley() },
  {
    // More than 10 % of growth an hour, by a line through the last hour.
    name: 'Coroot, 1 h',
    start: watcher((set) =>
      blocksOf(60, 60, 'mean', (t, x) => {
        const { slope, end } = line(t, x);
        set(t.length === 60 && slope * 3600 > 0.1 * (end - slope * 3600));
      }),
    ),
  },
  {
    // Lines over growing windows; alarm when one with R² > .8 meets the (given) limit within two days.
    name: 'PrecogMF-like (told the limit)',
    start: (trace) => {
      const limit = 1.5 * Math.max(...trace.rssMb) * 1048576;
      return watcher((set) =>
        blocksOf(900, 192, 'mean', (t, x) => {
          let hit = false;
          for (let n = 24; n <= t.length; n *= 2) {
            const { slope, r2, end } = line(t.slice(-n), x.slice(-n));
            if (slope > 0 && r2 > 0.8 && (limit - end) / slope < 48 * 3600) hit = true;
          }
          set(hit);
        }),
      )();
    },
  },
  { name: 'record e-detector alone', start: recordsAlone() },
  { name: 'research gates, suspect', start: gates(false) },
  { name: 'research gates, strict', start: gates(true) },
];
