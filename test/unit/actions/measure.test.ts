import { describe, expect, test } from 'vitest';
import { effectOf, judge, sumTrends, trendOf } from '../../../src/actions/running/measure.ts';
import type { Measurement } from '../../../src/model/index.ts';

const MIB = 1024 * 1024;

const reading = (atMs: number, bytes: number, over: Partial<Measurement> = {}): Measurement => ({
  atMs,
  rssBytes: bytes,
  pssBytes: bytes,
  swapBytes: 0,
  heapUsedBytes: null,
  hostAvailableBytes: 0,
  ...over,
});

/** A line with a known slope, and scatter that sums to nothing. */
const series = (bytesPerMs: number, scatter: number, points = 20) =>
  Array.from({ length: points }, (_, i) => ({
    tMs: i * 1000,
    bytes: 100 * MIB + bytesPerMs * i * 1000 + (i % 2 === 0 ? scatter : -scatter),
  }));

const gc = { aim: 'memory', ends: false } as const;
const reap = { aim: 'memory', ends: true } as const;

describe('a trend', () => {
  test('is the slope and the scatter of what was', () => {
    const trend = trendOf(series(50, 4096));
    expect(trend?.bytesPerMs).toBeCloseTo(50, 0);
    expect(trend?.noiseBytes).toBeGreaterThan(3900);
    expect(trend?.noiseBytes).toBeLessThan(4600);
  });

  test('is not known of five points, and adds up by squares', () => {
    expect(trendOf(series(1, 0, 5))).toBeNull();
    expect(sumTrends([null, null])).toBeNull();
    const one = { bytesPerMs: 1, slopeError: 3, noiseBytes: 30 };
    expect(sumTrends([one, null, { bytesPerMs: 2, slopeError: 4, noiseBytes: 40 }])).toEqual({
      bytesPerMs: 3,
      slopeError: 5,
      noiseBytes: 50,
    });
  });
});

describe('a verdict on an action', () => {
  const judged = (
    before: number,
    after: number,
    slope: number,
    scatter: number,
    action: typeof gc | typeof reap = gc,
  ) => {
    const [from, to] = [reading(20_000, before), reading(30_000, after)];
    const effect = effectOf(from, to, trendOf(series(slope, scatter)));
    return judge({ action, done: 1, lost: 0, before: from, effect });
  };

  test('says helped only beyond what would have happened anyway, and beyond the noise', () => {
    expect(judged(200 * MIB, 100 * MIB, 0, MIB)).toBe('helped');
    // Within the scatter.
    expect(judged(200 * MIB, 195 * MIB, 0, 4 * MIB)).toBe('no-effect');
    // It was falling by itself: 10 s at 1 MiB/s are 10 MiB.
    expect(judged(200 * MIB, 190 * MIB, -MIB / 1000, 0)).toBe('no-effect');
    // It was growing by 10 MiB/s, and stands still: that is worth 100 MiB.
    expect(judged(200 * MIB, 200 * MIB, (10 * MIB) / 1000, MIB / 4)).toBe('helped');
    expect(judged(100 * MIB, 160 * MIB, 0, MIB)).toBe('harmful');
    expect(judged(200 * MIB, 200 * MIB - 4096, 0, 0)).toBe('no-effect');
  });

  test('is unclear without a trend, unless what used the memory is gone', () => {
    const [from, to] = [reading(0, 200 * MIB), reading(10_000, 100 * MIB)];
    const effect = effectOf(from, to, null);
    expect(effect).toEqual({ reclaimedBytes: 100 * MIB, counterfactualBytes: null, errorBytes: null });
    expect(judge({ action: gc, done: 1, lost: 0, before: from, effect })).toBe('unclear');
    expect(judge({ action: reap, done: 1, lost: 0, before: from, effect })).toBe('helped');
  });

  test('is harmful when the target ended and should not have; failed when nothing was done', () => {
    const [from, to] = [reading(0, 200 * MIB), reading(10_000, 0)];
    const effect = effectOf(from, to, null);
    expect(judge({ action: gc, done: 1, lost: 1, before: from, effect })).toBe('harmful');
    expect(judge({ action: gc, done: 0, lost: 0, before: from, effect: null })).toBe('failed');
    expect(judge({ action: { aim: 'control', ends: false }, done: 1, lost: 0, before: from, effect })).toBe('unclear');
  });

  test('compares RSS with RSS where PSS is known only once', () => {
    const effect = effectOf(reading(0, 50, { rssBytes: 80 }), reading(1, 0, { pssBytes: null, rssBytes: 60 }), null);
    expect(effect.reclaimedBytes).toBe(20);
  });
});
