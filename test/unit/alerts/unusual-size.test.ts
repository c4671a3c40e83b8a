import { expect, test } from 'vitest';
import { inhibitors } from '../../../src/alerts/inhibit.ts';
import { unusualSize } from '../../../src/alerts/rules/unusual-size.ts';
import { ConfigSchema } from '../../../src/config/schema.ts';
import type { AlertLevel, LearnedThreshold } from '../../../src/model/index.ts';
import { MIB, observation, observed } from '../../support/advice/observation.ts';
import { alertOf } from '../../support/alerts.ts';

const evaluate = unusualSize.start(ConfigSchema.parse({}).alertThresholds);

const usual = (over: Partial<LearnedThreshold> = {}): LearnedThreshold => ({
  role: 'some-mcp',
  metric: 'footprintBytes',
  value: 500 * MIB,
  floor: 64 * MIB,
  ceiling: 8192 * MIB,
  samples: 5000,
  processes: 5,
  reason: 'the 99th percentile of the role, and a quarter more',
  ...over,
});

const ask = (mebibytes: number, threshold: LearnedThreshold | null, before: AlertLevel | null = null) => {
  const process = observed({ pid: 7, footprintBytes: mebibytes * MIB, usualFootprint: threshold });
  return evaluate(observation({ processes: [process] }), { before: () => before, missing: [] });
};

test('a warning from the learned level on, however large, with the figures and the group of the session', () => {
  expect(ask(999, usual()).holds).toEqual([]);
  expect(ask(1000, usual()).holds).toMatchObject([
    { level: 'warning', value: 1000 * MIB, threshold: 1000 * MIB, unit: 'bytes', groupKey: 'session:s-1' },
  ]);
  const [far] = ask(8000, usual()).holds;
  expect(far?.level).toBe('warning');
  expect(far?.detail).toContain('500 MiB');
  expect(far?.title).not.toContain('some-mcp');
});

test('ends a tenth below where it began', () => {
  expect(ask(920, usual()).holds).toHaveLength(0);
  expect(ask(920, usual(), 'warning').holds).toHaveLength(1);
  expect(ask(899, usual(), 'warning').holds).toHaveLength(0);
});

test('says nothing of what is small on this machine, however unusual', () => {
  // 5 % of 16 GiB are 819.2 MiB.
  expect(ask(819, usual({ value: 64 * MIB })).holds).toHaveLength(0);
  expect(ask(820, usual({ value: 64 * MIB })).holds).toHaveLength(1);
});

test('says nothing of strangers, whose name is that of an interpreter', () => {
  const process = observed({ pid: 7, role: 'other', footprintBytes: 8000 * MIB, usualFootprint: usual() });
  expect(evaluate(observation({ processes: [process] }), { before: () => null, missing: [] }).holds).toEqual([]);
});

test('says nothing while too little is known', () => {
  expect(ask(8000, null)).toEqual({ holds: [], unknown: [] });
  expect(ask(8000, usual({ samples: 1439 })).holds).toEqual([]);
  expect(ask(8000, usual({ samples: 1440 })).holds).toHaveLength(1);
  expect(ask(8000, usual({ processes: 4 })).holds).toEqual([]);
});

test.each(['leak', 'exhaustion-forecast', 'heap-pressure', 'fragmentation'] as const)(
  'is silent beside an alert %s of the same process, and of no other',
  (type) => {
    const subject = { kind: 'process', id: '7:70', name: 'x' } as const;
    const large = alertOf({ fingerprint: 'a', rule: 'unusual-size', type: 'unusual-size', level: 'warning', subject });
    const why = alertOf({ fingerprint: 'b', rule: type, type, level: 'warning', subject });
    expect([...inhibitors([large, why])]).toEqual([['a', 'b']]);
    const other = { ...why, subject: { ...subject, id: '8:80' } };
    expect([...inhibitors([large, other])]).toEqual([]);
  },
);
