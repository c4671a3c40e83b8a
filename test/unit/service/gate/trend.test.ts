import { describe, expect, it } from 'vitest';
import { EXACT } from '../../../../src/service/gate/everyday.ts';
import { lastingPace } from '../../../../src/service/gate/lasting.ts';
import { createWatchSeries } from '../../../../src/service/gate/series.ts';
import { type Point, steadyGrowth } from '../../../../src/service/gate/trend.ts';

const MB = 1e6;
const FLOORS = [{ minRise: 1 * MB, minShare: 0.01 }];
const RUN_MS = 60_000;

/** A small generator of its own, so that a seed means the same series for ever (mulberry32). */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296 - 0.5;
  };
}

/** Floors every two seconds of a minute; `shape` is MB by seconds. */
function floors(shape: (seconds: number) => number, seed = 1, spreadMb = 0.2): Point[] {
  const random = noise(seed);
  return Array.from({ length: 30 }, (_, i) => ({ tMs: 2000 * i, value: (shape(2 * i) + spreadMb * random()) * MB }));
}
const judged = (points: Point[]) => steadyGrowth(points, 0, RUN_MS, FLOORS);

const SEEDS = Array.from({ length: 50 }, (_, i) => i + 1);

describe('growth through the whole run', () => {
  it.each([
    ['1 MB/s', (s: number) => 6 + s],
    ['50 KB/s', (s: number) => 6 + 0.05 * s],
    ['50 KB/s on 200 MB', (s: number) => 200 + 0.05 * s],
    ['accelerating', (s: number) => 6 + s * s * 0.01],
    ['in steps of 10 s', (s: number) => 6 + Math.floor(s / 10)],
    ['after a warm-up', (s: number) => 6 + 20 * (1 - Math.exp(-s / 2)) + 0.1 * s],
  ])('is steady: %s', (_, shape) => {
    const verdicts = SEEDS.map((seed) => judged(floors(shape, seed)).verdict);
    expect(new Set(verdicts)).toEqual(new Set(['steady']));
  });

  it('has the rate, within its interval', () => {
    const { ratePerHour, lowPerHour, highPerHour, rise, weakest } = judged(floors((s) => 6 + s));
    expect(ratePerHour / 3600 / MB).toBeCloseTo(1, 1);
    expect(lowPerHour).toBeLessThan(ratePerHour);
    expect(highPerHour).toBeGreaterThan(ratePerHour);
    expect(rise / MB).toBeCloseTo(46, 0);
    expect(weakest).toBeGreaterThan(0.9);
  });
});

describe('what is no leak', () => {
  it.each([
    ['flat', () => 6],
    ['a cache that is full after 30 s', (s: number) => 6 + Math.min(s, 30)],
    ['a cache that is full after 45 s', (s: number) => 6 + Math.min(s, 45)],
    ['a cache that fills ever more slowly', (s: number) => 6 + 20 * (1 - Math.exp(-s / 10))],
    ['a step in the middle', (s: number) => (s < 30 ? 6 : 20)],
    ['batches', (s: number) => 6 + (s % 12)],
    ['what falls', (s: number) => 60 - s],
    ['5 KB/s', (s: number) => 6 + 0.005 * s],
  ])('is not steady: %s', (_, shape) => {
    const steady = SEEDS.filter((seed) => judged(floors(shape, seed)).verdict === 'steady');
    expect(steady).toEqual([]);
  });

  it('noise alone passes less than once in a thousand runs', () => {
    const runs = Array.from({ length: 2000 }, (_, seed) => judged(floors(() => 6, seed + 100, 8)));
    expect(runs.filter(({ verdict }) => verdict === 'steady').length).toBeLessThanOrEqual(2);
  });

  it('is at most suspected by a handful of points, and not judged by fewer', () => {
    expect(judged(floors((s) => 6 + s).slice(0, 11)).verdict).toBe('unclear');
    expect(judged(floors((s) => 6 + (s % 4)).slice(0, 11)).verdict).toBe('unknown');
    expect(judged(floors((s) => 6 + s).slice(0, 8)).verdict).toBe('unknown');
    expect(judged([]).verdict).toBe('unknown');
  });
});

describe('the pace that lasts', () => {
  const pace = (shape: (s: number) => number, seed: number, spreadMb: number) =>
    1000 * (lastingPace(floors(shape, seed, spreadMb).slice(6), 0)?.least ?? Number.NaN);

  it('is below the true one, but not far, in ninety-five of a hundred runs', () => {
    const paces = SEEDS.map((seed) => pace((s) => 6 + 0.3 * Math.log(s + 1) + 0.025 * s, seed, 0.05));
    expect(paces.filter((one) => one > 25e3).length).toBeLessThanOrEqual(2);
    expect(Math.min(...paces)).toBeGreaterThan(12e3);
  });

  it('is none of what comes ever more slowly, however much', () => {
    expect(Math.max(...SEEDS.map((seed) => pace((s) => 6 + 3 * Math.log(s + 1), seed, 0.05)))).toBeLessThan(5e3);
  });

  it('is not known from a handful of points, or of a time that stands still', () => {
    expect(lastingPace(floors((s) => 6 + s).slice(0, 11), 0)).toBeNull();
    expect(lastingPace(Array(20).fill({ tMs: 5, value: 1 }), 0)).toBeNull();
  });

  /** What wanders without aim, 50 KB a look, passes as a leak at most once in a hundred runs. */
  it('is wider where the figure wanders', () => {
    const runs = Array.from({ length: 1000 }, (_, seed) => {
      const random = noise(seed + 1);
      let value = 50 * MB;
      const points = Array.from({ length: 30 }, (_, i) => ({ tMs: 2000 * i, value: (value += 0.17 * MB * random()) }));
      return steadyGrowth(points, 0, RUN_MS, EXACT).verdict;
    });
    expect(runs.filter((verdict) => verdict === 'steady').length).toBeLessThanOrEqual(10);
  });
});

describe('a series of a whole run', () => {
  it('keeps minima of steps in bounded memory, over the whole time', () => {
    const series = createWatchSeries(1000);
    for (let i = 0; i < 200_000; i += 1) series.push(i * 400, i % 2 === 0 ? i : i + 1e9);
    const { points } = series;
    expect(points.length).toBeLessThanOrEqual(1024);
    expect(points.length).toBeGreaterThanOrEqual(256);
    expect(Math.max(...points.map(({ value }) => value))).toBeLessThan(200_000);
    expect(points.at(-1)?.tMs).toBeGreaterThan(79_000_000);
  });
});
