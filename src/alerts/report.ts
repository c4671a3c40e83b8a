import type { Alert, AlertLevel, AlertQuery, AlertReport, Silence } from '../model/index.ts';
import { RampartError } from '../model/index.ts';
import { LEVELS, rank } from './levels.ts';
import { countText } from '../wording/index.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
const STATES = { firing: 0, pending: 1, resolved: 2 } as const;

/** The alerts that a question is about, worst and newest first. `counts` and `summary` are about all that fires. */
export function alertReport(
  alerts: readonly Alert[],
  silences: readonly Silence[],
  query: AlertQuery,
  atMs: number,
): AlertReport {
  const limit = query.limit ?? DEFAULT_LIMIT;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new RampartError('bad-input', `limit is ${limit}`, `Valid: 1 to ${MAX_LIMIT}.`);
  }
  const found = alerts
    .filter((alert) => isAsked(alert, query))
    .toSorted(
      (a, b) =>
        STATES[a.state] - STATES[b.state] ||
        rank(b.level) - rank(a.level) ||
        (b.firedAtMs ?? b.activeAtMs) - (a.firedAtMs ?? a.activeAtMs),
    );
  const firing = alerts.filter(({ state }) => state === 'firing');
  const counts = Object.fromEntries(
    LEVELS.map((level) => [level, firing.filter((alert) => alert.level === level).length]),
  ) as Record<AlertLevel, number>;
  return {
    schemaVersion: 1,
    atMs,
    alerts: found.slice(0, limit),
    more: Math.max(0, found.length - limit),
    silences,
    counts,
    summary: summary(firing, alerts, counts, silences.length),
  };
}

function isAsked({ state, level, type, subject, labels }: Alert, query: AlertQuery): boolean {
  const wanted = query.state ?? 'active';
  if (wanted === 'active' ? state === 'resolved' : wanted !== 'all' && state !== wanted) return false;
  if (query.level !== undefined && level !== query.level) return false;
  if (query.type !== undefined && type !== query.type) return false;
  if (query.subject === undefined) return true;
  return [subject.id, labels['session'], labels['process'], labels['server']].includes(query.subject);
}

function summary(
  firing: readonly Alert[],
  alerts: readonly Alert[],
  counts: Readonly<Record<AlertLevel, number>>,
  silences: number,
): string {
  const byLevel = LEVELS.toReversed()
    .filter((level) => counts[level] > 0)
    .map((level) => `${counts[level]} ${level}`);
  const quiet = firing.filter(({ silencedBy, inhibitedBy }) => silencedBy !== null || inhibitedBy !== null).length;
  const acknowledged = firing.filter((alert) => alert.acknowledged !== null).length;
  const pending = alerts.filter(({ state }) => state === 'pending').length;
  const parts = [
    firing.length === 0 ? 'No alert fires' : `${countText(firing.length, 'alert')}: ${byLevel.join(', ')}`,
    ...(quiet > 0 ? [`${quiet} of them silenced or part of another`] : []),
    ...(acknowledged > 0 ? [`${acknowledged} acknowledged`] : []),
    ...(pending > 0 ? [`${pending} pending`] : []),
    ...(silences > 0 ? [countText(silences, 'silence')] : []),
  ];
  return `${parts.join('; ')}.`;
}
