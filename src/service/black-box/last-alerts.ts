import type { Alert, RampartEvent } from '../../model/index.ts';
import type { Watched } from './roster.ts';

const MAX_ALERTS = 1_000;
const MAX_TITLES = 10;

/** Alerts that fire now, as the events told. */
export function followAlerts(): {
  note(event: RampartEvent): void;
  about(watched: Watched): readonly string[];
} {
  const firing = new Map<string, Alert>();
  return {
    note: (event) => {
      if (event.type !== 'alert') return;
      firing.delete(event.alert.fingerprint);
      if (event.change === 'resolved') return;
      firing.set(event.alert.fingerprint, event.alert);
      const [oldest] = firing.keys();
      if (firing.size > MAX_ALERTS && oldest !== undefined) firing.delete(oldest);
    },
    about: ({ key, sessionId }) =>
      [...firing.values()]
        .filter(({ subject }) => subject.kind === 'host' || subject.id === key || subject.id === sessionId)
        .slice(-MAX_TITLES)
        .map(({ title }) => title),
  };
}
