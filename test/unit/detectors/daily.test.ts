import { describe, expect, it } from 'vitest';
import { removeDailyCycle } from '../../../src/detectors/window/daily.ts';
import { hoursToAlarm, noise } from './series.ts';

/** 32 blocks of 80 minutes: 42 hours. */
const N = 32;
const t = Float64Array.from({ length: N }, (_, i) => (i + 0.5) * 4800);
const hours = t.map((s) => s / 3600);
const day = (h: number): number => Math.sin((2 * Math.PI * (h - 7)) / 24) + 0.4 * Math.cos((4 * Math.PI * h) / 24);

describe('daily cycle', () => {
  it('takes day and night out and leaves the growth', () => {
    const random = noise(3);
    const x = hours.map((h) => 300 + 2 * h + 60 * day(h) + 2 * random());
    const deviate = removeDailyCycle(t, x, N);
    expect(deviate).toBeGreaterThan(20);
    for (let i = 0; i < N; i++) expect(Math.abs(x[i]! - (300 + 2 * hours[i]!))).toBeLessThan(6);
  });

  it.each([
    ['noise', noise(5)],
    ['a filling cache', (h: number) => 200 * (1 - Math.exp(-h / 6))],
    ['a step', (h: number) => (h > 19 ? 100 : 0)],
    ['three steps', (h: number) => 50 * [9, 20, 33].filter((at) => h > at).length],
    ['a cycle of seven hours', (h: number) => 50 * Math.sin((2 * Math.PI * h) / 7)],
    ['a single hump', (h: number) => 100 * Math.exp(-(((h - 20) / 6) ** 2))],
  ])('leaves %s as it is', (_name, shape) => {
    const random = noise(9);
    const x = hours.map((h) => 300 + shape(h) + random());
    const before = x.slice();
    expect(removeDailyCycle(t, x, N)).toBeNull();
    expect(x).toEqual(before);
  });

  it('needs more than a day', () => {
    const x = hours.map((h) => 300 + 60 * day(h));
    expect(removeDailyCycle(t, x, 22)).toBeNull();
  });

  it('finds a leak under day and night without a load signal, and clears day and night alone', () => {
    const level = (h: number): number => 400 + 120 * day(h);
    expect(hoursToAlarm({ hours: 72, mib: (h) => level(h) + 5 * h, noiseMib: 6 })).toBeLessThan(48);
    expect(hoursToAlarm({ hours: 120, mib: level, noiseMib: 6 })).toBeNull();
  });
});
