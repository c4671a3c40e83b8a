import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createLeakDetector, DETECTORS } from '../../../src/detectors/index.ts';
import { HOUR_MS, hoursToAlarm, MIB, noise, samplesOf, watch } from './series.ts';

const linear =
  (perHour: number, from = 0) =>
  (h: number) =>
    200 + perHour * Math.max(0, h - from);

describe('leaks are found', () => {
  it.each([
    ['steady growth', { hours: 12, mib: linear(15) }, 6],
    ['steady growth under a GC saw-tooth', { hours: 12, mib: (h: number) => 200 + 15 * h + 60 * ((h * 6) % 1) }, 6],
    ['growth that starts after 20 hours', { hours: 34, mib: linear(15, 20) }, 27],
    ['growth by steps', { hours: 30, mib: (h: number) => 200 + 20 * Math.floor(h / 1.5) }, 20],
    ['growth after warm-up', { hours: 14, mib: (h: number) => 200 + 100 * (1 - Math.exp(-h * 4)) + 12 * h }, 8],
    ['growth that speeds up', { hours: 30, mib: (h: number) => 200 + 0.8 * h * h }, 15],
    ['growth seen every 10 s', { hours: 12, stepS: 10, mib: linear(15) }, 6],
    ['growth seen every 60 s', { hours: 12, stepS: 60, mib: linear(15) }, 6],
  ])('%s', (_name, shape, withinHours) => {
    const hours = hoursToAlarm({ ...shape, noiseMib: 2 });
    expect(hours).not.toBeNull();
    expect(hours!).toBeLessThanOrEqual(withinHours);
  });

  it('slow growth under noise ten times its hourly rise', () => {
    expect(hoursToAlarm({ hours: 48, mib: linear(3), noiseMib: 30 })).not.toBeNull();
  });

  it('a gigabyte an hour beside a conversation that is compacted', () => {
    const shape = { hours: 4, stepS: 10, mib: (h: number) => 400 + 1024 * h + 180 * ((h / 1.4) % 1), noiseMib: 1 };
    expect(hoursToAlarm(shape)).toBeLessThan(4);
    expect(watch({ ...shape, hours: 2.2 }).state()).toBe('suspected');
  });

  it('growth in swap that RSS does not show, and says so', () => {
    const detector = watch({ hours: 12, mib: () => 200, more: (h) => ({ swapBytes: 20 * MIB * h }) });
    const finding = detector.verdict();
    expect(finding.verdict).toBe('leaking');
    expect(finding.kind).toBe('swap-hidden');
  });

  it('growth that PSS shows while forks share the pages', () => {
    // RSS is the same whoever shares; PSS is read once in 20 minutes.
    const shape = {
      hours: 12,
      mib: linear(15),
      more: (h: number, mib: number) => (Math.round(h * 120) % 40 === 0 ? { pssBytes: mib * 0.6 * MIB } : {}),
    };
    expect(watch(shape).state()).toBe('leaking');
  });
});

describe('healthy programs are left alone', () => {
  it.each([
    ['flat with noise', { hours: 72, mib: () => 300, noiseMib: 20 }],
    ['warm-up', { hours: 48, mib: (h: number) => 200 + 150 * (1 - Math.exp(-h * 3)) }],
    ['a cache that fills within two hours', { hours: 48, mib: (h: number) => 200 + 100 * Math.min(2, h) }],
    [
      'fragmentation that grows with the log of time',
      { hours: 48, mib: (h: number) => 200 + 25 * Math.log(1 + 10 * h) },
    ],
    ['a saw-tooth of three hours', { hours: 48, mib: (h: number) => 200 + 40 * (h % 3) }],
    [
      'a cache of 2 GiB that is full after 80 minutes',
      { hours: 24, mib: (h: number) => 300 + 1536 * Math.min(4 / 3, h) },
    ],
    ['three steps', { hours: 48, mib: (h: number) => 200 + 60 * Math.min(3, Math.floor(h / 12)) }],
    [
      'a day and night of load that is seen',
      {
        hours: 72,
        mib: (h: number) => 300 + 150 * Math.sin((h / 12) * Math.PI),
        more: (h: number) => ({ cpuRatio: 1 + 0.8 * Math.sin((h / 12) * Math.PI) }),
      },
    ],
    [
      'half of the memory swapped out',
      {
        hours: 48,
        mib: (h: number) => (h < 10 ? 400 : 200),
        more: (h: number) => ({ swapBytes: (h < 10 ? 0 : 200) * MIB }),
      },
    ],
  ])('%s', (_name, shape) => {
    expect(hoursToAlarm({ noiseMib: 3, ...shape })).toBeNull();
  });
});

describe('the finding', () => {
  const finding = watch({ hours: 20, mib: linear(15, 8), noiseMib: 2 }).verdict();

  it('has the rate in its interval, and since when', () => {
    expect(finding.verdict).toBe('leaking');
    expect(finding.ratePerHourBytes! / MIB).toBeCloseTo(15, 0);
    expect(finding.rateInterval!.lowBytesPerHour / MIB).toBeLessThan(15.3);
    expect(finding.rateInterval!.highBytesPerHour / MIB).toBeGreaterThan(14.7);
    const sinceH = (finding.sinceMs! - 1_700_000_000_000) / HOUR_MS;
    expect(Math.abs(sinceH - 8)).toBeLessThan(1.5);
    expect(finding.score).toBeGreaterThan(0.9);
    expect(finding.reason).toMatch(/leaks.*MiB an hour for 1[0-9]/);
  });

  it('lists every detector with its evidence, the seed’s names among them', () => {
    const byName = Object.fromEntries(finding.detectors.map((d) => [d.name, d]));
    expect(Object.keys(byName)).toEqual([...DETECTORS.map((d) => d.name), 'combined']);
    expect(byName['combined']!.score).toBe(finding.score);
    expect(byName['sustained-growth']!.detected).toBe(true);
    expect(byName['sustained-growth']!.evidence['positiveGrowthRatio']).toBeGreaterThan(0.6);
    expect(byName['staircase']!.evidence).toHaveProperty('jumpCount');
    expect(byName['staircase']!.evidence).toHaveProperty('plateauCount');
    // No GC figures: no score, never 1.
    expect(byName['gc-inefficiency']!.score).toBeNull();
    expect(byName['gc-inefficiency']!.evidence).toHaveProperty('averageEfficiency', null);
  });

  it('asking changes nothing', () => {
    const detector = watch({ hours: 10, mib: linear(15) });
    expect(detector.verdict()).toEqual(detector.verdict());
  });

  it('counts the steps of a staircase', () => {
    const detector = watch({ hours: 30, mib: (h) => 200 + 20 * Math.floor(h / 3), noiseMib: 1 });
    const stairs = detector.verdict().detectors.find((d) => d.name === 'staircase')!;
    expect(stairs.evidence['jumpCount']).toBeGreaterThanOrEqual(7);
    expect(stairs.evidence['jumpCount']).toBeLessThanOrEqual(11);
    expect(stairs.detected).toBe(true);
  });
});

describe('every detector', () => {
  const docs = readFileSync('docs/leak-detection.md', 'utf8');
  it.each(DETECTORS.map((d) => [d.name, d] as const))('%s is in the docs and says what it needs', (name, detector) => {
    expect(docs).toContain(`\`${name}\``);
    expect(detector.needs.length).toBeGreaterThan(0);
    expect(detector.title.length).toBeGreaterThan(10);
  });
});

describe('bad traces', () => {
  it('get a verdict and a count of what was left out, never a crash', () => {
    const detector = createLeakDetector();
    const at = (tMs: number, rssBytes: number) => detector.push({ tMs, rssBytes });
    at(0, 1e8);
    at(0, 1e8);
    at(-5, 1e8);
    at(1000, Number.NaN);
    at(Number.POSITIVE_INFINITY, 1);
    at(2000, -1);
    at(3000, 1e8);
    const finding = detector.verdict();
    expect(finding.verdict).toBe('insufficient-data');
    expect(finding.samples).toBe(2);
    expect(finding.score).toBeNull();
    expect(finding.rejected).toEqual({ 'not-finite': 2, negative: 1, duplicate: 1, backwards: 1 });
  });

  it('one sample, or none, is insufficient data', () => {
    expect(createLeakDetector().verdict().verdict).toBe('insufficient-data');
    const detector = createLeakDetector();
    detector.push({ tMs: 1, rssBytes: 0 });
    expect(detector.verdict().verdict).toBe('insufficient-data');
  });

  it('gaps of days, zeros and huge values pass', () => {
    const detector = createLeakDetector();
    const random = noise(2);
    let t = 0;
    for (let i = 0; i < 5000; i++) {
      t += random() > 0.99 ? 5 * 86_400_000 : 30_000;
      detector.push({
        tMs: t,
        rssBytes: random() > 0.9 ? 0 : 1e15 * (1 + random()),
        cpuRatio: Number.NaN,
        swapBytes: -4,
      });
    }
    expect(['clear', 'suspected', 'leaking']).toContain(detector.verdict().verdict);
    expect(detector.verdict().score).toBeGreaterThan(0);
  });

  it('a gap in a leak does not hide it', () => {
    const detector = createLeakDetector();
    for (const sample of samplesOf({ hours: 20, mib: linear(15) })) {
      const h = (sample.tMs - 1_700_000_000_000) / HOUR_MS;
      if (h < 5 || h > 9) detector.push(sample);
    }
    expect(detector.state()).toBe('leaking');
  });

  it('state is bounded whatever comes in', () => {
    const detector = createLeakDetector();
    expect(detector.stateBytes).toBeLessThanOrEqual(8192);
    const random = noise(4);
    for (let i = 0; i < 60_000; i++) {
      detector.push({
        tMs: i * 1000,
        rssBytes: 1e8 * (1 + random()),
        heapUsedBytes: 1e7,
        gcFloorBytes: i % 10 ? null : 1e6,
      });
    }
    expect(detector.stateBytes).toBeLessThanOrEqual(8192);
  });
});

describe('how much data a verdict takes', () => {
  it('half an hour of a flat service is insufficient, an hour is clear', () => {
    expect(watch({ hours: 0.5, mib: () => 200 }).state()).toBe('insufficient-data');
    expect(watch({ hours: 1, mib: () => 200 }).state()).toBe('clear');
  });

  it('a quarter of an hour at 10 MB a second is suspected at once', () => {
    expect(watch({ hours: 0.25, stepS: 5, mib: (h) => 200 + 36_000 * h }).state()).toBe('suspected');
  });
});
