import type { Alert, AlertType } from '../model/index.ts';
import { isWorse, rank } from './levels.ts';

/** One alert that makes others needless to tell: they are shown, and nobody is called because of them. */
interface Inhibition {
  readonly name: string;
  /** Why, for the docs. */
  readonly reason: string;
  readonly by: (alert: Alert) => boolean;
  readonly of: (alert: Alert, by: Alert) => boolean;
}

const PARTS_OF_HOST: ReadonlySet<AlertType> = new Set<AlertType>([
  'leak',
  'session-growth',
  'cross-session',
  'fragmentation',
  'performance',
  'exhaustion-forecast',
  'unusual-size',
]);

/** Alerts that say why a process is large, or what comes of it. */
const SAYS_WHY: ReadonlySet<AlertType> = new Set<AlertType>([
  'leak',
  'exhaustion-forecast',
  'heap-pressure',
  'fragmentation',
]);

const OF_THE_MACHINE: ReadonlySet<AlertType> = new Set<AlertType>([
  'system-memory',
  'pressure',
  'performance',
  'exhaustion-forecast',
]);

const FILLING: ReadonlySet<string> = new Set(['host-memory', 'host-exhaustion']);

/** Of two that could inhibit each other the older one does. */
const isFirst = (a: Alert, b: Alert): boolean =>
  (a.firedAtMs ?? 0) < (b.firedAtMs ?? 0) || (a.firedAtMs === b.firedAtMs && a.rule < b.rule);

const isHost = ({ subject }: Alert): boolean => subject.kind === 'host';
const isMild = (alert: Alert, by: Alert): boolean => rank(alert.level) <= rank(by.level);

/** Every inhibition; each goes from what is wider to what is a part of it, so that no two alerts silence each other. */
export const INHIBITIONS: readonly Inhibition[] = [
  {
    name: 'worse on the same subject',
    reason: 'the worse alert says all that the milder one would (piles of processes are a matter of their own)',
    by: () => true,
    of: (alert, by) =>
      alert.subject.kind === by.subject.kind &&
      alert.subject.id === by.subject.id &&
      alert.type !== 'build-up' &&
      by.type !== 'build-up' &&
      isWorse(by.level, alert.level),
  },
  {
    name: 'host and its parts',
    reason:
      'while the machine is out of memory, who grows is a question of that alert, not one call for each; what is left over and could be ended is still told',
    by: (alert) =>
      isHost(alert) && (alert.type === 'system-memory' || alert.type === 'pressure') && rank(alert.level) >= 2,
    // A session that is known to fill the machine is the cause: see below.
    of: (alert, by) =>
      PARTS_OF_HOST.has(alert.type) &&
      alert.rule !== 'session-runaway' &&
      alert.rule !== 'host-exhaustion' &&
      isMild(alert, by),
  },
  {
    name: 'running full and being full',
    reason: 'who was told that the machine will be full need not hear that it gets fuller, nor the other way round',
    by: ({ rule }) => FILLING.has(rule),
    of: (alert, by) => FILLING.has(alert.rule) && alert.rule !== by.rule && isMild(alert, by) && isFirst(by, alert),
  },
  {
    name: 'session and its processes',
    reason: 'one alert for a session whose twelve servers grow',
    by: ({ type }) => type === 'session-growth',
    of: (alert, by) =>
      alert.subject.kind === 'process' &&
      (alert.type === 'leak' || alert.type === 'exhaustion-forecast' || alert.type === 'unusual-size') &&
      alert.labels['session'] === by.subject.id &&
      isMild(alert, by),
  },
  {
    name: 'why a process is large, and that it is',
    reason: 'a leak, a full heap or a limit that is near says more than the size alone',
    by: ({ type, subject }) => subject.kind === 'process' && SAYS_WHY.has(type),
    of: (alert, by) => alert.type === 'unusual-size' && alert.subject.id === by.subject.id && isMild(alert, by),
  },
  {
    name: 'session eats the machine',
    reason: 'where the cause is known by name, its effects on the machine need no call of their own',
    by: (alert) => alert.rule === 'session-runaway',
    of: (alert, by) =>
      ((isHost(alert) && OF_THE_MACHINE.has(alert.type)) || alert.rule === 'session-leak') && isMild(alert, by),
  },
  {
    name: 'server and its copies',
    reason: 'the server is the cause, not each copy of it',
    by: ({ type }) => type === 'cross-session',
    of: (alert, by) => alert.type === 'leak' && alert.labels['server'] === by.labels['server'] && isMild(alert, by),
  },
];

/** The fingerprint of the alert that inhibits each, among those that fire. Never a circle: one of them is always told. */
export function inhibitors(firing: readonly Alert[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const hangsOn = (alert: Alert, other: Alert): boolean => {
    let at: string | undefined = alert.fingerprint;
    while (at !== undefined && at !== other.fingerprint) at = found.get(at);
    return at !== undefined;
  };
  for (const { by, of } of INHIBITIONS) {
    const sources = firing.filter(by);
    if (sources.length === 0) continue;
    for (const alert of firing) {
      if (found.has(alert.fingerprint)) continue;
      const source = sources.find((each) => !hangsOn(each, alert) && of(alert, each));
      if (source !== undefined) found.set(alert.fingerprint, source.fingerprint);
    }
  }
  return found;
}
