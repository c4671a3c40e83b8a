import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ByteReader,
  ByteWriter,
  decodeRollup,
  Downsampler,
  encodeRollup,
  makeAxis,
  Samples,
  summarise,
  type Summary,
} from '../../../src/series/index.ts';

const pages = fc.nat({ max: 2 ** 22 }).map((count) => count * 4096);
const points = fc.array(fc.tuple(fc.nat({ max: 100_000 }), pages), { maxLength: 300 });

function samplesOf(pairs: readonly (readonly [number, number])[]): Samples {
  const samples = new Samples(1);
  for (const [tMs, value] of pairs) samples.push(tMs, value);
  return samples;
}

describe('down-sampling', () => {
  it('keeps count, sum, least and greatest of the window, in at most maxPoints steps', () => {
    fc.assert(
      fc.property(
        points,
        fc.nat({ max: 100_000 }),
        fc.nat({ max: 100_000 }),
        fc.integer({ min: 1, max: 50 }),
        (pairs, a, b, maxPoints) => {
          const [fromMs, toMs] = [Math.min(a, b), Math.max(a, b)];
          const inside = pairs.filter(([tMs]) => tMs >= fromMs && tMs <= toMs).map(([, value]) => value);
          const downsampler = new Downsampler({ fromMs, toMs, maxPoints });
          downsampler.addAll(samplesOf(pairs));
          const buckets = downsampler.buckets();
          expect(buckets.length).toBeLessThanOrEqual(maxPoints);
          expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(inside.length);
          expect(buckets.reduce((sum, { count, mean }) => sum + Math.round(count * mean), 0)).toBe(
            inside.reduce((sum, value) => sum + value, 0),
          );
          expect(Math.min(...buckets.map(({ min }) => min))).toBe(Math.min(...inside));
          expect(Math.max(...buckets.map(({ max }) => max))).toBe(Math.max(...inside));
          for (const { tMs, min, mean, max, count } of buckets) {
            expect(count).toBeGreaterThan(0);
            expect(min).toBeLessThanOrEqual(mean);
            expect(mean).toBeLessThanOrEqual(max);
            expect((tMs - fromMs) % downsampler.stepMs).toBe(0);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('leaves steps without samples out', () => {
    const downsampler = new Downsampler({ fromMs: 0, toMs: 99, maxPoints: 10 });
    downsampler.addAll(
      samplesOf([
        [5, 1],
        [95, 3],
      ]),
    );
    expect(downsampler.buckets()).toEqual([
      { tMs: 0, min: 1, mean: 1, max: 1, count: 1 },
      { tMs: 90, min: 3, mean: 3, max: 3, count: 1 },
    ]);
  });

  it('holds the sample at either end of the window', () => {
    const downsampler = new Downsampler({ fromMs: 10, toMs: 20, maxPoints: 1 });
    downsampler.addAll(
      samplesOf([
        [9, 1],
        [10, 2],
        [20, 4],
        [21, 8],
      ]),
    );
    expect(downsampler.buckets()).toEqual([{ tMs: 10, min: 2, mean: 3, max: 4, count: 2 }]);
    expect([downsampler.heldFromMs, downsampler.heldToMs]).toEqual([9, 21]);
  });

  it.each([
    { fromMs: 2, toMs: 1, maxPoints: 10 },
    { fromMs: NaN, toMs: 1, maxPoints: 10 },
    { fromMs: 0, toMs: Infinity, maxPoints: 10 },
    { fromMs: 0, toMs: 1, maxPoints: 0 },
    { fromMs: 0, toMs: 1, maxPoints: 2001 },
    { fromMs: 0, toMs: 1, maxPoints: 1.5 },
  ])('says what is wrong with $fromMs … $toMs in $maxPoints', (query) => {
    expect(() => new Downsampler(query)).toThrow(expect.objectContaining({ code: 'bad-input' }));
  });
});

describe('minutes', () => {
  const hundredth = fc.nat({ max: 10_000 }).map((count) => count / 100);
  const any = fc.oneof(
    pages,
    hundredth,
    fc.double({ noNaN: true, min: -1e9, max: 1e9 }).map((number) => (number === 0 ? 0 : number)),
  );

  it('come back from disk as they were, and add up to what the samples add up to', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: 7_200_000 }), any), { minLength: 1, maxLength: 300 }), (pairs) => {
        const samples = samplesOf(pairs);
        samples.sortByTime();
        const summaries = summarise(samples, 60_000);
        expect(summaries.reduce((sum, { count }) => sum + count, 0)).toBe(pairs.length);
        expect(Math.min(...summaries.map(({ min }) => min))).toBe(Math.min(...pairs.map(([, value]) => value)));
        expect(Math.max(...summaries.map(({ max }) => max))).toBe(Math.max(...pairs.map(([, value]) => value)));
        const axis = makeAxis([0, 60_000]);
        const out = new ByteWriter();
        encodeRollup(out, summaries, axis);
        const back: Summary[] = [];
        decodeRollup(new ByteReader(out.view()), axis.times, (summary) => back.push(summary));
        expect(back).toEqual(summaries);
      }),
      { numRuns: 500 },
    );
  });

  it('of a process that sits still take a few bytes an hour, though it has 7 samples in one minute and 8 in the next', () => {
    const samples = samplesOf(
      Array.from({ length: 450 }, (_, index) => [index * 8000, 80_000_000 - (80_000_000 % 4096)] as const),
    );
    const out = new ByteWriter();
    encodeRollup(out, summarise(samples, 60_000), makeAxis([0, 60_000]));
    expect(out.length).toBeLessThanOrEqual(20);
  });
});
