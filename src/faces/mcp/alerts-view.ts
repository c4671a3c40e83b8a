import type { Alert, AlertReport } from '../../model/index.ts';
import { sanitise } from '../../untrusted/index.ts';

/** A name needs less than a command line does. */
const NAME_LENGTH = 80;
const NEXT_CALLS = 3;

/** What `memory://alerts` holds: our own words and figures; names of others only below `untrusted`. */
export function alertsView({ atMs, summary, counts, alerts, more }: AlertReport): object {
  return { atMs, summary: sanitise(summary), counts, alerts: alerts.map(row), more };
}

function row(alert: Alert): object {
  const { fingerprint, type, level, state, value, threshold, unit, firedAtMs, acknowledged, forecast } = alert;
  return {
    id: fingerprint,
    type,
    level,
    state,
    title: sanitise(alert.title),
    value,
    threshold,
    unit,
    firedAtMs,
    exhaustedAtMs: forecast?.atMs ?? null,
    isAcknowledged: acknowledged !== null,
    isSilenced: alert.silencedBy !== null,
    isInhibited: alert.inhibitedBy !== null,
    subject: { kind: alert.subject.kind, id: sanitise(alert.subject.id) },
    next: alert.next.slice(0, NEXT_CALLS),
    untrusted: { name: sanitise(alert.subject.name, NAME_LENGTH) },
  };
}
