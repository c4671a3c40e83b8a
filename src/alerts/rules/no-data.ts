import { defineRule } from '../define-rule.ts';
import { timeText } from '../../wording/index.ts';

const MINUTE = 60_000;

export const noData = defineRule({
  name: 'no-data',
  type: 'no-data',
  title: 'Has a figure gone missing that an alert rests on?',
  about:
    'A rule that had its figure and cannot get it any more (pressure or headroom not readable, or no look at all came through) is blind, not calm. What it fires goes on firing meanwhile, and this alert says that nobody looks.',
  scope: 'host',
  forMs: { warning: 2 * MINUTE, critical: 0, emergency: 0 },
  keepFiringForMs: MINUTE,
  timing: 'one figure that could not be read once is nothing',
  options: {},
  start:
    () =>
    (observation, { missing }) => ({
      unknown: [],
      holds: missing.map(({ rule, key, subject, groupKey, sinceMs, reason }) => ({
        key: `${rule} ${key}`,
        level: 'warning' as const,
        subject,
        labels: { lacks: rule },
        groupKey,
        title: `Not known any more: ${reason}.`,
        detail: `The rule '${rule}' cannot judge for ${timeText(observation.atMs - sinceMs)}; what it fired goes on firing.`,
        evidence: [{ kind: 'missing', detail: reason }],
        value: null,
        threshold: null,
        unit: null,
        forecast: null,
        next: ['rampart doctor: what can be seen here, and how to fix it'],
      })),
    }),
});
