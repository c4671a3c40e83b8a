import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSeries, type Series } from '../../../src/series/index.ts';
import { MAX_RING_SAMPLES } from '../../../src/series/ring.ts';

const T0 = 1_700_000_000_000;
const PAGE = 4096;
const ALL = { fromMs: 0, toMs: T0 * 2, maxPoints: 1 };

function countOf(series: Series, subject: string): number {
  return series.query({ ...ALL, subject, metric: 'rssBytes' }).buckets[0]?.count ?? 0;
}

describe('createSeries', () => {
  it('answers from rings and blocks together, each sample once', () => {
    const operation = fc.oneof(
      {
        weight: 20,
        arbitrary: fc.record({
          subject: fc.constantFrom('host', '1:2', '1:3'),
          dt: fc.integer({ min: -5000, max: 9000 }),
          value: fc.nat(),
        }),
      },
      { weight: 1, arbitrary: fc.constant('seal' as const) },
      { weight: 1, arbitrary: fc.constant('rotate' as const) },
      { weight: 1, arbitrary: fc.constant('peek' as const) },
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 300 }), (operations) => {
        const series = createSeries();
        const written = new Map<string, number[]>();
        let now = T0;
        for (const step of operations) {
          if (step === 'seal') series.seal();
          else if (step === 'rotate') series.rotate();
          else if (step === 'peek') series.peek();
          else {
            now += step.dt;
            series.append(step.subject, 'rssBytes', now, step.value);
            written.set(step.subject, [...(written.get(step.subject) ?? []), step.value]);
          }
        }
        for (const [subject, values] of written) {
          const [bucket] = series.query({ ...ALL, subject, metric: 'rssBytes' }).buckets;
          expect(bucket?.count).toBe(values.length);
          expect(bucket?.min).toBe(Math.min(...values));
          expect(bucket?.max).toBe(Math.max(...values));
          expect(Math.round((bucket?.mean ?? 0) * values.length)).toBe(values.reduce((sum, value) => sum + value, 0));
        }
      }),
    );
  });

  it('keeps the last two minutes of a series at hand, whatever was sealed', () => {
    const series = createSeries();
    for (let second = 0; second < 600; second += 1) {
      series.append('1:2', 'rssBytes', T0 + second * 1000, second * PAGE);
      if (second % 60 === 59) series.seal();
    }
    const recent = series.recent('1:2', 'rssBytes');
    expect(recent.count).toBeGreaterThanOrEqual(120);
    expect(recent.count).toBeLessThanOrEqual(185);
    expect(recent.times[recent.count - 1]).toBe(T0 + 599_000);
    expect(recent.values[recent.count - 1]).toBe(599 * PAGE);
  });

  it('gives quiet series small rings and gives room back after a burst', () => {
    const series = createSeries();
    for (let second = 0; second < 3600; second += 8) {
      series.append('1:2', 'rssBytes', T0 + second * 1000, PAGE);
      if (second % 64 === 0) series.seal();
    }
    expect(series.stats().ringBytes).toBeLessThanOrEqual(32 * 16);
    for (let index = 0; index < 800; index += 1) series.append('1:2', 'rssBytes', T0 + 3_700_000 + index * 10, PAGE);
    expect(series.stats().ringBytes).toBe(1024 * 16);
    for (let minute = 0; minute < 10; minute += 1) {
      series.append('1:2', 'rssBytes', T0 + 3_800_000 + minute * 60_000, PAGE);
      series.seal();
    }
    expect(series.stats().ringBytes).toBeLessThanOrEqual(32 * 16);
  });

  it('seals early rather than overwrite what no block holds', () => {
    const series = createSeries();
    const count = MAX_RING_SAMPLES * 3 + 17;
    for (let index = 0; index < count; index += 1) series.append('1:2', 'rssBytes', T0 + index, index);
    expect(countOf(series, '1:2')).toBe(count);
    expect(series.blocks().length).toBeGreaterThanOrEqual(3);
    expect(series.stats().droppedSamples).toBe(0);
  });

  it('bounds what is unsealed over all series', () => {
    const series = createSeries({ maxUnsealed: 1000 });
    for (let index = 0; index < 5000; index += 1) series.append(`${index % 50}:1`, 'rssBytes', T0 + index, index);
    expect(series.stats().unsealed).toBeLessThan(1000);
    expect(countOf(series, '7:1')).toBe(100);
  });

  it('stays within its byte budget: stored blocks go first and cost nothing, others are counted', () => {
    const series = createSeries({ budgetBytes: 3000 });
    let [written, droppedWhileStored] = [0, 0];
    for (let minute = 0; minute < 100; minute += 1) {
      for (let second = 0; second < 60; second += 1) {
        series.append('1:2', 'rssBytes', T0 + (minute * 60 + second) * 1000, ((second * 7919) % 5000) * PAGE);
        written += 1;
      }
      series.seal();
      if (minute < 50) series.markStored(series.blocks().length);
      expect(series.stats().blockBytes).toBeLessThanOrEqual(3000);
      droppedWhileStored = minute < 50 ? series.stats().droppedSamples : droppedWhileStored;
    }
    expect(droppedWhileStored).toBe(0);
    const { droppedSamples } = series.stats();
    expect(droppedSamples).toBeGreaterThan(0);
    expect(countOf(series, '1:2') + droppedSamples + 50 * 60).toBe(written);
  });

  it('lets go of series that ended: 50,000 short lives leave nothing behind', () => {
    const series = createSeries({ budgetBytes: 20_000 });
    for (let minute = 0; minute < 100; minute += 1) {
      for (let child = 0; child < 500; child += 1) {
        series.append(`${minute * 500 + child}:${minute}`, 'rssBytes', T0 + minute * 60_000, child * PAGE);
      }
      series.seal();
      series.markStored(series.blocks().length);
      if (minute % 10 === 9) series.rotate();
    }
    const { series: live, ringBytes, blockBytes } = series.stats();
    expect(live).toBeLessThanOrEqual(500 * 4);
    expect(ringBytes).toBeLessThanOrEqual(500 * 4 * 8 * 16);
    expect(blockBytes).toBeLessThanOrEqual(20_000);
    expect(series.names().subjects.length).toBe(0);
  });

  it('refuses and counts what is no sample', () => {
    const series = createSeries({ maxSeries: 1 });
    expect(series.append('host', 'rssBytes', T0, 1)).toBe(true);
    const refused: [string, 'rssBytes' | 'cpuMs', number, number][] = [
      ['host', 'rssBytes', T0, NaN],
      ['host', 'rssBytes', T0, Infinity],
      ['host', 'rssBytes', NaN, 1],
      ['host', 'rssBytes', -1, 1],
      ['host', 'rssBytes', 2 ** 48, 1],
      ['host', 'cpuMs', T0, 1],
      ['1:2', 'rssBytes', T0, 1],
      ['', 'rssBytes', T0, 1],
      ['x'.repeat(201), 'rssBytes', T0, 1],
    ];
    for (const [subject, metric, tMs, value] of refused) expect(series.append(subject, metric, tMs, value)).toBe(false);
    expect(series.stats().rejectedSamples).toBe(refused.length);
    expect(countOf(series, 'host')).toBe(1);
  });

  it('keeps what was written before and after the clock went back', () => {
    const series = createSeries();
    for (let second = 0; second < 100; second += 1) series.append('host', 'rssBytes', T0 + second * 1000, second);
    for (let second = 0; second < 100; second += 1)
      series.append('host', 'rssBytes', T0 - 50_000 + second * 1000, second);
    series.seal();
    const { buckets, heldFromMs, heldToMs } = series.query({
      subject: 'host',
      metric: 'rssBytes',
      fromMs: T0 - 50_000,
      toMs: T0 + 99_000,
      maxPoints: 150,
    });
    expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(200);
    expect([heldFromMs, heldToMs]).toEqual([T0 - 50_000, T0 + 99_000]);
  });
});
