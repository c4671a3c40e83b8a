import { describe, expect, it } from 'vitest';
import type { DetectorSample } from '../../../../src/model/index.ts';
import { createReplay } from '../../../../src/service/gate/replay.ts';

const MB = 1e6;
const START_MS = 1_750_000_000_000;
const clock = { nowMs: () => START_MS, monotonicMs: () => 0 };

/** A minute at two samples a second. */
function replayed(at: (s: number) => Partial<DetectorSample> & { readonly rssBytes: number }, seconds = 60) {
  const replay = createReplay('auto', clock);
  replay.push(Array.from({ length: seconds * 2 }, (_, index) => ({ tMs: START_MS + index * 500, ...at(index / 2) })));
  return replay.result(null);
}

describe('a short recording', () => {
  it('is judged as a run: a line is a leak, with its rate, since when, and when it would have been called', () => {
    const { finding, profile, alarms } = replayed((s) => ({ rssBytes: (40 + s) * MB, openFiles: 20 }));
    expect(profile).toBe('run');
    expect(finding).toMatchObject({ verdict: 'leaking', kind: 'unknown' });
    expect(finding.score).toBeGreaterThanOrEqual(0.5);
    expect((finding.ratePerHourBytes ?? 0) / 3600 / MB).toBeCloseTo(1, 3);
    expect(finding.growth?.levelBytes).toBeGreaterThan(80 * MB);
    expect(finding.sinceMs).toBeGreaterThan(START_MS);
    expect(alarms).toHaveLength(1);
    expect(alarms[0]!.toMs).toBe(START_MS + 59_500);
    expect(alarms[0]!.fromMs).toBeLessThan(START_MS + 40_000);
    // The detectors still tell by name what they saw.
    expect(finding.detectors.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['sustained-growth', 'staircase', 'gc-inefficiency', 'combined']),
    );
    // … and what puts them together is the gate's verdict.
    const { score } = finding;
    expect(finding.detectors.find(({ name }) => name === 'combined')).toMatchObject({ score, detected: true });
  });

  it.each<[string, (s: number) => Partial<DetectorSample> & { rssBytes: number }]>([
    // While it fills nothing tells it from a leak.
    ['a cache that is full after half a minute', (s) => ({ rssBytes: (40 + Math.min(30, s)) * MB })],
    [
      'RSS that creeps over flat floors',
      (s) => ({
        rssBytes: (60 + 0.2 * s) * MB,
        ...(s % 2 === 0 ? { gcFloorBytes: 6 * MB, heapUsedBytes: 6 * MB } : {}),
      }),
    ],
  ])('%s is none in the end', (_, at) => {
    expect(replayed(at)).toMatchObject({ finding: { verdict: 'clear', kind: null, growth: null } });
  });

  it.each<[string, (s: number) => Partial<DetectorSample> & { rssBytes: number }, string]>([
    ['v8-heap', (s) => ({ rssBytes: 60 * MB, ...(s % 2 === 0 ? { gcFloorBytes: (6 + s) * MB } : {}) }), 'v8-heap'],
    ['external', (s) => ({ rssBytes: (60 + s) * MB, externalBytes: (2 + s) * MB, heapUsedBytes: 6 * MB }), 'external'],
    ['native', (s) => ({ rssBytes: (60 + s) * MB, externalBytes: 2 * MB, heapUsedBytes: 6 * MB }), 'native'],
    ['swap-hidden', (s) => ({ rssBytes: 60 * MB, pssBytes: 50 * MB, swapBytes: s * MB }), 'swap-hidden'],
    ['descriptors', (s) => ({ rssBytes: 60 * MB, openFiles: 20 + 2 * Math.floor(s) }), 'descriptors'],
    ['file-growth', (s) => ({ rssBytes: 60 * MB, fileBytes: (10 + s) * MB }), 'file-growth'],
  ])('names %s', (_, at, kind) => {
    expect(replayed(at).finding).toMatchObject({ verdict: 'leaking', kind });
  });

  it('of almost nothing says so', () => {
    expect(replayed(() => ({ rssBytes: 40 * MB }), 3).finding).toMatchObject({
      verdict: 'insufficient-data',
      score: null,
      kind: null,
    });
  });

  it('that is longer than ten minutes is a service, whose caches fill for hours', () => {
    const { profile, finding } = replayed((s) => ({ rssBytes: (40 + s / 10) * MB }), 700);
    expect(profile).toBe('service');
    expect(finding.verdict).not.toBe('leaking');
  });
});
