import { describe, expect, test } from 'vitest';
import type { Limit, Pressure } from '../../../src/model/index.ts';
import { severity } from '../../../src/sessions/index.ts';

const LEVELS = { warning: 0.75, critical: 0.85, emergency: 0.95 };
const limit = (headroomBytes: number | null, limitBytes = 100): Limit => ({
  kind: 'cgroup',
  limitBytes,
  usedBytes: null,
  headroomBytes,
  source: 'x.',
});
const pressure = (fullAvg10Percent: number): Pressure => ({
  someAvg10Percent: 99,
  fullAvg10Percent,
  someTotalUs: 0,
  fullTotalUs: 0,
});

describe('severity', () => {
  test.each([
    [26, null, 'ok'],
    [25, null, 'warning'],
    [15, null, 'critical'],
    [5, null, 'emergency'],
    [0, null, 'emergency'],
    [90, 9.9, 'ok'],
    [90, 10, 'warning'],
    [90, 30, 'critical'],
    [90, 60, 'emergency'],
    [5, 10, 'emergency'],
  ] as const)('%d %% free, %s %% of the time stalled: %s', (free, stalled, expected) => {
    const verdict = severity(limit(free), stalled === null ? null : pressure(stalled), LEVELS);
    expect(verdict.severity).toBe(expected);
    expect(verdict.reason).toMatch(/\.$/);
  });

  test('the reason names what decided', () => {
    expect(severity(limit(10), null, LEVELS).reason).toBe("90 % of the memory cgroup's limit is used.");
    expect(severity(limit(90), pressure(40), LEVELS).reason).toContain('40 % of the last 10 s');
  });

  test('unknown headroom is no alarm by itself; a limit of nothing is', () => {
    expect(severity(limit(null), null, LEVELS).severity).toBe('ok');
    expect(severity(limit(0, 0), null, LEVELS).severity).toBe('emergency');
  });
});
