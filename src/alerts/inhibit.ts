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
  'build-up',
  'fragmentation',
  'performance',
  'exhaustion-forecast',
]);

const isHost = ({ subject }: Alert): boolean => subject.kind === 'host';
const isMild = (alert: Alert, by: Alert): boolean => rank(alert.level) <= rank(by.level);

/** Every inhibition; each goes from what is wider to what is a part of it, so that no two alerts silence each other. */
export const INHIBITIONS: readonly Inhibition[] = [
  {
    name: 'worse on the same subject',
    reason: 'the worse alert says all that the milder one would',
    by: () => true,
    of: (alert, by) =>
      alert.subject.kind === by.subject.kind && alert.subject.id === by.subject.id && isWorse(by.level, alert.level),
  },
  {
    name: 'host and its parts',
    reason: 'while the machine is out of memory, who uses it is a question of that alert, not one call for each',
    by: (alert) =>
      isHost(alert) && (alert.type === 'system-memory' || alert.type === 'pressure') && rank(alert.level) >= 2,
    of: (alert, by) => PARTS_OF_HOST.has(alert.type) && alert.type !== by.type && isMild(alert, by),
  },
  {
    name: 'session and its processes',
    reason: 'one alert for a session whose twelve servers grow',
    by: ({ type }) => type === 'session-growth',
    of: (alert, by) =>
      alert.subject.kind === 'process' &&
      (alert.type === 'leak' || alert.type === 'exhaustion-forecast') &&
      alert.labels['session'] === by.subject.id &&
      isMild(alert, by),
  },
  {
    name: 'session eats the machine',
    reason: 'a session that fills the machine within the hour is why the machine will be full',
    by: (alert) => alert.rule === 'session-runaway',
    of: (alert, by) => (alert.rule === 'host-exhaustion' || alert.rule === 'session-leak') && isMild(alert, by),
  },
  {
    name: 'server and its copies',
    reason: 'the server is the cause, not each copy of it',
    by: ({ type }) => type === 'cross-session',
    of: (alert, by) => alert.type === 'leak' && alert.labels['server'] === by.labels['server'] && isMild(alert, by),
  },
];

/** The fingerprint of the alert that inhibits each, among those that fire. */
export function inhibitors(firing: readonly Alert[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { by, of } of INHIBITIONS) {
    const sources = firing.filter(by);
    if (sources.length === 0) continue;
    for (const alert of firing) {
      if (found.has(alert.fingerprint)) continue;
      const source = sources.find((each) => each !== alert && of(alert, each));
      if (source !== undefined) found.set(alert.fingerprint, source.fingerprint);
    }
  }
  return found;
}
