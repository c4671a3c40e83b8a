import { randomUUID } from 'node:crypto';
import type { Alert, Notification } from '../model/index.ts';

/** What `rampart notify --test` sends: it looks like a real one and says that it is none. */
export function testNotification(nowMs: number, host: string): Notification {
  const title = 'This is a test of Rampart: nothing is wrong.';
  const fingerprint = `test-${randomUUID()}`;
  const alert: Alert = {
    fingerprint,
    rule: 'test',
    type: 'no-data',
    level: 'warning',
    state: 'firing',
    labels: { rule: 'test' },
    subject: { kind: 'host', id: 'host', name: host },
    title,
    detail: 'Somebody asked for it with `rampart notify --test`. If you read this, the channel works.',
    evidence: [],
    value: null,
    threshold: null,
    unit: null,
    forecast: null,
    activeAtMs: nowMs,
    firedAtMs: nowMs,
    seenAtMs: nowMs,
    resolvedAtMs: null,
    acknowledged: null,
    silencedBy: null,
    inhibitedBy: null,
    flapping: false,
    groupKey: 'test',
    notifications: 1,
    notifiedAtMs: nowMs,
    next: [],
  };
  const text = `${title} ${alert.detail}`;
  return {
    id: fingerprint,
    atMs: nowMs,
    kind: 'firing',
    level: 'warning',
    groupKey: 'test',
    alerts: [alert],
    title,
    text,
  };
}
