import type { Alert, AlertLevel, Notification } from '../model/index.ts';

/** Texts of notifications when their content changes on the way. Pure. */

export const RANK: Readonly<Record<AlertLevel, number>> = { warning: 0, critical: 1, emergency: 2 };

export function worst(levels: readonly AlertLevel[]): AlertLevel {
  return levels.reduce<AlertLevel>((so, level) => (RANK[level] > RANK[so] ? level : so), 'warning');
}

/** The same notification about some of its alerts. Its words are made anew: the old ones spoke of all of them. */
export function about(notification: Notification, alerts: readonly Alert[]): Notification {
  if (alerts.length === notification.alerts.length) return notification;
  const level = notification.kind === 'resolved' ? notification.level : worst(alerts.map((alert) => alert.level));
  return { ...notification, alerts, level, title: titleOf(alerts), text: textOf(alerts) };
}

/** Several as one. The same ones give the same id, so that a retry is the same message. */
export function digest(notifications: readonly Notification[]): Notification {
  const [first] = notifications;
  if (first === undefined) throw new TypeError('a digest of nothing');
  if (notifications.length === 1) return first;
  // The newest word on an alert counts.
  const alerts = new Map<string, Alert>();
  for (const notification of notifications)
    for (const alert of notification.alerts) alerts.set(alert.fingerprint, alert);
  const level = worst(notifications.map((notification) => notification.level));
  return {
    id: `${first.id}+${notifications.length - 1}-${notifications.at(-1)?.id}`,
    atMs: Math.max(...notifications.map(({ atMs }) => atMs)),
    kind: notifications.every(({ kind }) => kind === 'resolved') ? 'resolved' : 'firing',
    level,
    groupKey: first.groupKey,
    alerts: [...alerts.values()],
    title: `${notifications.length} notices, the worst: ${notifications.find((one) => one.level === level)?.title ?? ''}`,
    text: notifications.map(({ title, text }) => (text.startsWith(title) ? text : `${title}\n${text}`)).join('\n\n'),
  };
}

function titleOf(alerts: readonly Alert[]): string {
  const [first] = alerts.toSorted((a, b) => RANK[b.level] - RANK[a.level]);
  const more = alerts.length - 1;
  return `${first?.title ?? ''}${more > 0 ? ` And ${more} more.` : ''}`;
}

function textOf(alerts: readonly Alert[]): string {
  return alerts.map(({ title, detail }) => `${title} ${detail}`.trim()).join('\n');
}
