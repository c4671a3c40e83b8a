import type { Alert, Notification } from '../model/index.ts';
import { redactText, sanitise } from '../untrusted/index.ts';

/** Notifications as they leave: one cleaning for all channels, whoever cleaned before. */

/** A paragraph. */
export const LONG = 400;
const MAX_EVIDENCE = 3;
/** Room for a secret that begins inside of what is shown. Redaction is quadratic, so it sees no more than that. */
const BEYOND = 200;
/** A message of more is read by nobody; the count says how many there are. */
export const MAX_LINES = 20;

export const clean = (text: string, length = 200): string =>
  sanitise(redactText(text.slice(0, length + BEYOND)), length);

/** One line per alert, most telling first. */
export function alertLines(notification: Notification): string[] {
  const shown = notification.alerts.slice(0, MAX_LINES);
  const more = notification.alerts.length - shown.length;
  return [...shown.map(alertLine), ...(more > 0 ? [`and ${more} more`] : [])];
}

function alertLine(alert: Alert): string {
  const name = clean(alert.subject.name, 80);
  const who = `${alert.subject.kind} ${clean(alert.subject.id, 80)}${name === '' ? '' : ` (${name})`}`;
  return `${alert.level}: ${clean(alert.title)} [${who}, id ${shortId(alert)}]`;
}

/** As much of the fingerprint as `rampart ack` and `rampart silence` want. */
export const shortId = ({ fingerprint }: Alert): string => clean(fingerprint.slice(0, 8));

/** `CRITICAL: A process leaks …`, `resolved: …` */
export function heading({ kind, level, title }: Notification): string {
  return `${kind === 'resolved' ? 'resolved' : level.toUpperCase()}: ${clean(title)}`;
}

/** The form that programs get. `untrusted` holds what a process or an agent wrote. */
export function toPayload(notification: Notification, host: string): object {
  const { id, atMs, kind, level, groupKey, title, alerts } = notification;
  return {
    schemaVersion: 1,
    id,
    atMs,
    kind,
    level,
    host,
    groupKey: clean(groupKey),
    title: clean(title),
    alerts: alerts.map(alertPayload),
  };
}

function alertPayload(alert: Alert): object {
  const { fingerprint, rule, type, level, state, value, threshold, unit, forecast } = alert;
  const { activeAtMs, firedAtMs, resolvedAtMs, flapping, labels, subject } = alert;
  return {
    fingerprint,
    rule,
    type,
    level,
    state,
    title: clean(alert.title),
    detail: clean(alert.detail, LONG),
    value,
    threshold,
    unit,
    exhaustedAtMs: forecast?.atMs ?? null,
    activeAtMs,
    firedAtMs,
    resolvedAtMs,
    flapping,
    evidence: alert.evidence.slice(0, MAX_EVIDENCE).map((one) => ({ ...one, detail: clean(one.detail) })),
    subject: { kind: subject.kind, id: clean(subject.id) },
    untrusted: { name: clean(subject.name), labels: cleanLabels(labels) },
  };
}

export function cleanLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [clean(name, 80), clean(value)]));
}
