import { expect, test } from 'vitest';
import { emptyRing } from '../../../src/alerts/flapping.ts';
import type { Life } from '../../../src/alerts/life.ts';
import { heard } from '../../../src/alerts/stories.ts';
import type { Alert } from '../../../src/model/index.ts';
import { alertOf } from '../../support/alerts.ts';

const lifeOf = (over: Partial<Alert>, toldLevel: Life['toldLevel']): Life => {
  const alert = alertOf({ subject: { kind: 'session', id: 'a', name: 'a' }, ...over });
  const sinceMs = { warning: 1_000, critical: null, emergency: null };
  const { fingerprint: key } = alert;
  return { alert, key, sinceMs, trueAtMs: 1, levelAtMs: 1, toldLevel, toldFlapping: false, ring: emptyRing(0) };
};
const crowd = { fingerprint: 'c', rule: 'build-up', type: 'build-up', labels: { kind: 'crowd' } } as const;
const grows = { fingerprint: 'g', rule: 'session-leak', type: 'session-growth', labels: { cause: 'whole' } } as const;
const starts = { ...grows, labels: { cause: 'whole', kind: 'children' } } as const;
const several = { ...grows, labels: { cause: 'several' } } as const;
const duplicates = { ...crowd, fingerprint: 'd', labels: { kind: 'duplicate' } } as const;

test.each([
  ['a crowd', crowd, 'that its session grows', grows, true],
  ['ever more processes', starts, 'a crowd', crowd, true],
  ['growth of unknown cause', grows, 'a crowd', crowd, false],
  ['a crowd', crowd, 'several leaks', several, false],
  ['duplicates', duplicates, 'that its session grows', grows, false],
] as const)('who was told of %s (%j) has heard of %s: %j, %s', (_by, by, _what, what, isHeard) => {
  const life = lifeOf(what, null);
  expect(heard(life, [lifeOf(by, 'warning'), life]).toldLevel).toBe(isHeard ? 'warning' : null);
});

test('what is worse than was told, was told of what is over, or of another, is news', () => {
  const life = lifeOf(grows, null);
  expect(
    heard({ ...life, alert: { ...life.alert, level: 'critical' } }, [lifeOf(crowd, 'warning')]).toldLevel,
  ).toBeNull();
  expect(heard(life, [lifeOf({ ...crowd, state: 'resolved' }, 'warning')]).toldLevel).toBeNull();
  expect(heard(life, [lifeOf(crowd, null)]).toldLevel).toBeNull();
});

test('it is told again when the one that said it would be', () => {
  const by = lifeOf({ ...crowd, notifiedAtMs: 7_000 }, 'critical');
  expect(heard(lifeOf({ ...grows, notifiedAtMs: null }, null), [by]).alert.notifiedAtMs).toBe(7_000);
});
