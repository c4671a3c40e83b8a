import { describe, expect, it } from 'vitest';
import type { DetectorSample, LeakKind } from '../../../src/model/index.ts';
import { createLeakDetector } from '../../../src/detectors/index.ts';
import { MIB, noise, watch } from './series.ts';

describe('kind', () => {
  const grow = (more: (h: number, mib: number) => Partial<DetectorSample>) =>
    watch({ hours: 12, mib: (h) => 200 + 15 * h, more }).verdict();

  it.each<[LeakKind, (h: number, mib: number) => Partial<DetectorSample>]>([
    ['v8-heap', (h) => ({ heapUsedBytes: (50 + 14 * h) * MIB, externalBytes: 5 * MIB })],
    ['external', (h) => ({ heapUsedBytes: 50 * MIB, externalBytes: (5 + 14 * h) * MIB })],
    ['native', () => ({ heapUsedBytes: 50 * MIB, externalBytes: 5 * MIB })],
    ['unknown', () => ({})],
  ])('%s', (kind, more) => {
    const finding = grow(more);
    expect(finding.verdict).toBe('leaking');
    expect(finding.kind).toBe(kind);
    expect(finding.kindReason).toMatch(/./);
  });

  const flat = (more: (h: number) => Partial<DetectorSample>) => {
    const random = noise(9);
    return watch({ hours: 24, mib: () => 300 + random(), more }).verdict();
  };

  it.each<[LeakKind, (h: number) => Partial<DetectorSample>]>([
    ['threads', (h) => ({ threads: Math.floor(11 + 3 * h) })],
    ['descriptors', (h) => ({ openFiles: Math.floor(40 + 20 * h) })],
    ['children', (h) => ({ children: Math.floor(1 + 1.5 * h) })],
    ['file-growth', (h) => ({ fileBytes: (10 + 60 * h) * MIB })],
  ])('%s that only become more are a leak while memory is flat', (kind, more) => {
    const finding = flat(more);
    expect(finding.verdict).toBe('leaking');
    expect(finding.kind).toBe(kind);
  });

  it('connections that follow the day are none', () => {
    const random = noise(10);
    const finding = flat((h) => ({ openFiles: Math.floor(100 + 60 * Math.sin((h / 6) * Math.PI) + 5 * random()) }));
    expect(finding.verdict).toBe('clear');
    expect(finding.kind).toBeNull();
  });
});

describe('post-GC floors', () => {
  const withFloors = (floor: (h: number) => number) =>
    watch({
      hours: 12,
      mib: (h) => 200 + 15 * h,
      more: (h) => ({
        heapUsedBytes: floor(h) * 1.5 * MIB,
        gcFloorBytes: Math.round(h * 120) % 60 === 30 ? floor(h) * MIB : null,
        gcBeforeBytes: floor(h) * 2 * MIB,
      }),
    }).verdict();

  it('confirm growth of the heap', () => {
    const finding = withFloors((h) => 60 + 14 * h);
    expect(finding.confirmation).toBe('confirmed');
    expect(finding.kind).toBe('v8-heap');
    const gc = finding.detectors.find((d) => d.name === 'gc-inefficiency')!;
    expect(gc.evidence['averageEfficiency']).toBeCloseTo(0.5, 2);
    expect(gc.detected).toBe(true);
  });

  it('that stay flat clear the heap and lower the score', () => {
    const flat = withFloors(() => 60);
    expect(flat.confirmation).toBe('cleared');
    expect(flat.logOdds).toBeLessThan(withFloors((h) => 60 + 14 * h).logOdds - 3);
  });

  it('of a cache that has filled do not confirm', () => {
    const detector = createLeakDetector({ profile: 'run' });
    for (let s = 0; s < 60; s++) {
      const mib = 50 + 30 * Math.min(1, s / 15);
      detector.push({ tMs: s * 1000, rssBytes: (100 + mib) * MIB, gcFloorBytes: s % 3 === 0 ? mib * MIB : null });
    }
    expect(detector.verdict().confirmation).not.toBe('confirmed');
  });
});
