import type { Alert, AlertReport, Notification } from '../../src/model/index.ts';

/** An alert as the engine makes it; `over` says what the test is about. */
export function alertOf(over: Partial<Alert> = {}): Alert {
  const { fingerprint = 'f00dfeed', level = 'warning', rule = 'leak' } = over;
  return {
    fingerprint,
    rule,
    type: 'leak',
    level,
    state: 'firing',
    labels: { rule, type: 'leak', kind: 'v8-heap', role: 'server' },
    subject: { kind: 'process', id: '100:1000', name: 'node server.js' },
    title: 'A process leaks 310 MiB an hour (V8 heap).',
    detail: 'The live set after collections rose in 40 of 42 windows.',
    evidence: [],
    value: 325_058_560,
    threshold: 1_048_576,
    unit: 'bytes-per-hour',
    forecast: null,
    activeAtMs: 1_000,
    firedAtMs: 2_000,
    seenAtMs: 3_000,
    resolvedAtMs: null,
    acknowledged: null,
    silencedBy: null,
    inhibitedBy: null,
    flapping: false,
    groupKey: `group-${fingerprint}`,
    notifications: 1,
    notifiedAtMs: 2_000,
    next: ['detect_leaks(target="100:1000")'],
    ...over,
  };
}

export function notificationOf(over: Partial<Notification> = {}): Notification {
  const alerts = over.alerts ?? [alertOf()];
  const [first = alertOf()] = alerts;
  return {
    id: 'msg_1',
    atMs: 3_000,
    kind: 'firing',
    level: first.level,
    groupKey: first.groupKey,
    alerts,
    title: first.title,
    text: `${first.title} ${first.detail}`,
    ...over,
  };
}

export function alertReport(alerts: readonly Alert[]): AlertReport {
  const of = (level: Alert['level']) => alerts.filter((alert) => alert.level === level).length;
  return {
    schemaVersion: 1,
    atMs: 600_000,
    alerts,
    more: 0,
    silences: [],
    counts: { warning: of('warning'), critical: of('critical'), emergency: of('emergency') },
    summary: `${alerts.length} alerts`,
  };
}
