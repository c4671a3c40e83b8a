import type { Stage, Waiting } from './stage.ts';

/** Of one group only the newest word goes out, if it holds all that the older one held. */
export function group(): Stage {
  return {
    judge(item, notification, { waiting }) {
      const newer = waiting.slice(waiting.indexOf(item) + 1);
      return newer.some((other) => covers(other, item)) ? { stop: 'superseded' } : { go: notification };
    },
  };
}

/** An end never replaces a beginning: whether the receiver needs the end depends on the beginning. */
function covers(newer: Waiting, older: Waiting): boolean {
  const [now, then] = [newer.notification, older.notification];
  // What was tried may have arrived: its retry must carry its own id.
  if (older.attempts > 0 || now.groupKey !== then.groupKey) return false;
  if ((now.kind === 'resolved') !== (then.kind === 'resolved')) return false;
  const held = new Set(now.alerts.map((alert) => alert.fingerprint));
  return then.alerts.length > 0 && then.alerts.every((alert) => held.has(alert.fingerprint));
}
