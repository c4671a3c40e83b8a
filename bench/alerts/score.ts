import type { Alert, Notification } from '../../src/model/index.ts';
import { EPOCH_MS } from './observe.ts';
import { HOUR, type Incident } from './model.ts';

/** A call to a person: what a contestant says at a time about something. */
export interface Call {
  readonly tS: number;
  /** Process ids, session ids, servers, paths, 'host', 'orphan': any of them may be an incident's. */
  readonly about: readonly string[];
  readonly kind: Notification['kind'];
  readonly text: string;
}

export interface Score {
  readonly incidents: number;
  readonly alerted: number;
  /** Of those: began while an alert about the same thing fired that people had been told of, and is counted in it. */
  readonly standing: number;
  readonly missed: readonly string[];
  /** Calls about nothing that happened; calls about the same thing within six hours are one. */
  readonly falseAlerts: number;
  readonly falseTexts: readonly string[];
  /** Calls about incidents, without those that only say that it is over, for each incident that was alerted. */
  readonly perIncident: number;
  readonly calls: number;
  readonly medianDelayMin: number;
}

/** Alerts about an incident may come until two hours after it: what had been held back comes then. */
const AFTER_S = 2 * HOUR;
const SAME_S = 6 * HOUR;

export function score(
  incidents: readonly Incident[],
  calls: readonly Call[],
  standing: ReadonlySet<Incident> = new Set(),
): Score {
  const first = new Map<Incident, number>();
  let about = 0;
  const falseAt = new Map<string, number>();
  const falseTexts: string[] = [];
  for (const call of calls) {
    if (call.kind === 'resolved') continue;
    const due = incidents.filter(({ startS, endS }) => call.tS >= startS && call.tS <= endS + AFTER_S);
    const owners = due.filter(({ subjects }) => call.about.some((id) => subjects.has(id)));
    const isEffect = due.some(({ effects }) => call.about.some((id) => effects.has(id)));
    if (owners.length > 0 || isEffect) about += 1;
    for (const owner of owners) if (!first.has(owner)) first.set(owner, call.tS);
    // What goes out together with something true is still false.
    for (const id of call.about.filter(
      (each) => !due.some(({ subjects, effects }) => subjects.has(each) || effects.has(each)),
    )) {
      if (call.tS - (falseAt.get(id) ?? Number.NEGATIVE_INFINITY) >= SAME_S) {
        falseTexts.push(`${(call.tS / HOUR).toFixed(1)} h ${call.text} [${id}]`);
      }
      falseAt.set(id, call.tS);
    }
  }
  const covered = incidents.filter((incident) => !first.has(incident) && standing.has(incident));
  const alerted = first.size + covered.length;
  const delays = [...first].map(([incident, tS]) => (tS - incident.startS) / 60).toSorted((a, b) => a - b);
  return {
    incidents: incidents.length,
    alerted,
    standing: covered.length,
    missed: incidents
      .filter((incident) => !first.has(incident) && !standing.has(incident))
      .map(({ kind, startS, note }) => `${kind} at ${(startS / HOUR).toFixed(1)} h (${note})`),
    falseAlerts: falseTexts.length,
    falseTexts,
    perIncident: about / Math.max(1, alerted),
    calls: about,
    medianDelayMin: delays[delays.length >> 1] ?? Number.NaN,
  };
}

/** What a notification is about. */
export function callOf(notification: Notification): Call {
  return {
    tS: (notification.atMs - EPOCH_MS) / 1000,
    about: [...new Set(notification.alerts.flatMap(subjectsOf))],
    kind: notification.kind,
    text: `${notification.level} ${notification.alerts[0]?.rule ?? ''}: ${notification.title}`,
  };
}

/** 'host' is about its slowness; how full it is, is also the work of whatever takes memory. */
export function subjectsOf({ subject, labels, type }: Alert): string[] {
  if (type === 'system-memory' || type === 'exhaustion-forecast')
    return [subject.kind === 'host' ? 'host-memory' : subject.id];
  if (type === 'build-up' && subject.kind === 'host') return [labels['kind'] ?? ''];
  return [subject.id];
}
