import type { Evidence } from './attribution.ts';
import type { LeakForecast } from './leak.ts';
import type { Severity } from './report.ts';

export type AlertLevel = Exclude<Severity, 'ok'>;

export const ALERT_TYPES = [
  'system-memory',
  'pressure',
  'exhaustion-forecast',
  'leak',
  'heap-pressure',
  'fragmentation',
  'session-growth',
  'performance',
  'build-up',
  'file-growth',
  'cross-session',
  'unusual-size',
  'no-data',
] as const;
export type AlertType = (typeof ALERT_TYPES)[number];

/** pending: the condition holds, but not for long enough · firing · resolved: kept for a while, then forgotten. */
export type AlertState = 'pending' | 'firing' | 'resolved';

/** What an alert is about. `id` is a process key, a session id, a path, a server's name, or 'host'. */
export interface AlertSubject {
  readonly kind: 'host' | 'session' | 'process' | 'server' | 'file';
  readonly id: string;
  /** Untrusted data. */
  readonly name: string;
}

export interface Alert {
  /**
   * Hash of the rule and of what the alert is about (a process with its start time, never the pid alone): the same
   * condition is the same alert, whatever its level, its figures or its labels say.
   */
  readonly fingerprint: string;
  readonly rule: string;
  readonly type: AlertType;
  readonly level: AlertLevel;
  readonly state: AlertState;
  /**
   * Short names and values, for silences and Alertmanager: rule, type, subject, session, server, kind, … They stay as they
   * were when the alert fired, so that a receiver that tells alerts apart by labels sees one alert. Values may hold names
   * that others chose (sanitised).
   */
  readonly labels: Readonly<Record<string, string>>;
  readonly subject: AlertSubject;
  /** One line of our own words, without untrusted text: 'A process leaks 310 MiB an hour (V8 heap).' */
  readonly title: string;
  readonly detail: string;
  readonly evidence: readonly Evidence[];
  /** The figure that decided, its unit and the threshold it crossed. Null: the rule has none. */
  readonly value: number | null;
  readonly threshold: number | null;
  readonly unit: 'bytes' | 'bytes-per-hour' | 'share' | 'percent' | 'count' | 'ms' | null;
  readonly forecast: LeakForecast | null;
  /** When the condition first held, when it fired, when it was last seen, when it ended. */
  readonly activeAtMs: number;
  readonly firedAtMs: number | null;
  readonly seenAtMs: number;
  readonly resolvedAtMs: number | null;
  readonly acknowledged: { readonly by: string; readonly atMs: number; readonly untilMs: number } | null;
  /** Id of the silence, fingerprint of the alert that inhibits it. */
  readonly silencedBy: string | null;
  readonly inhibitedBy: string | null;
  readonly flapping: boolean;
  /** Alerts with the same key go out together. */
  readonly groupKey: string;
  readonly notifications: number;
  readonly notifiedAtMs: number | null;
  /** Calls worth making next. */
  readonly next: readonly string[];
}

/** One label and what it must be: `=` exactly, `=~` a regular expression over the whole value (no backtracking bombs: RE2 subset). */
export interface Matcher {
  readonly label: string;
  readonly value: string;
  readonly isRegex: boolean;
}

export interface Silence {
  readonly id: string;
  readonly matchers: readonly Matcher[];
  readonly startsAtMs: number;
  /** Every silence ends. */
  readonly endsAtMs: number;
  readonly by: string;
  readonly reason: string;
}

export interface AlertQuery {
  readonly state?: AlertState | 'active' | 'all' | undefined;
  readonly level?: AlertLevel | undefined;
  readonly type?: AlertType | undefined;
  /** A session id, process key, or 'host'. */
  readonly subject?: string | undefined;
  /** 1 … 200, worst first. */
  readonly limit?: number | undefined;
}

export interface AlertReport {
  readonly schemaVersion: 1;
  readonly atMs: number;
  readonly alerts: readonly Alert[];
  readonly more: number;
  readonly silences: readonly Silence[];
  readonly counts: Readonly<Record<AlertLevel, number>>;
  readonly summary: string;
}

export interface AcknowledgeOrder {
  /** Fingerprint, or an unambiguous beginning of one (6 characters or more). */
  readonly id: string;
  readonly by: string;
  /** Default 4 h; a worse level breaks it. */
  readonly forMs?: number | undefined;
}

export interface SilenceOrder {
  /** Either matchers, or the id of an alert whose labels are taken. */
  readonly matchers?: readonly Matcher[] | undefined;
  readonly alert?: string | undefined;
  readonly forMs: number;
  readonly by: string;
  readonly reason: string;
}

/** What leaves for people: one group of alerts at one time. */
export interface Notification {
  /** Stays the same on every retry, so that a receiver can drop the second copy. */
  readonly id: string;
  readonly atMs: number;
  readonly kind: 'firing' | 'escalated' | 'repeat' | 'resolved' | 'flapping';
  readonly level: AlertLevel;
  readonly groupKey: string;
  readonly alerts: readonly Alert[];
  readonly title: string;
  readonly text: string;
}

/** Where notifications go: the pipeline of `src/notify`. Must return at once; a slow channel is its own affair. */
export type NotificationSink = (notification: Notification) => void;

/** Alerts as they are now: what waits on its way out is checked against it again. */
export interface AlertBook {
  /** Null: no longer remembered. */
  current(fingerprint: string): Alert | null;
  /** Every alert that fires, also silenced and inhibited ones. */
  firing(): readonly Alert[];
}
