import type { AlertBook, Notification } from '../../model/index.ts';
import { about } from '../wording.ts';
import type { Stage } from './stage.ts';

/** Remembered at most; the oldest are forgotten first. */
const MAX_IDS = 2_000;

export interface Dedup extends Stage {
  /** What became of it: `sent` is what the receiver confirmed of it; null: it was withheld for good. */
  settled(original: Notification, sent: Notification | null, book: AlertBook): void;
}

/**
 * Nothing twice, nothing that ended while it waited, and no end of what was never told. The end of a thing that only
 * waited too long is told: then people learn of both at once.
 */
export function dedup(confirmed: Iterable<string>): Dedup {
  const ids = bounded(confirmed);
  const told = bounded([]);
  const withheld = bounded([]);
  return {
    judge(_item, notification, { book }) {
      if (ids.has(notification.id)) return { stop: 'already-sent' };
      const { alerts } = notification;
      if (alerts.length === 0) return { go: notification };
      if (notification.kind === 'resolved') {
        const told = alerts.filter((alert) => !withheld.has(alert.fingerprint));
        return told.length === 0 ? { stop: 'never-told' } : { go: about(notification, told) };
      }
      const firing = alerts.filter((alert) => book.current(alert.fingerprint)?.state !== 'resolved');
      return firing.length === 0 ? { stop: 'resolved-meanwhile' } : { go: about(notification, firing) };
    },
    settled(original, sent, book) {
      if (sent !== null) ids.add(original.id);
      const heard = new Set(sent?.alerts.map((alert) => alert.fingerprint));
      for (const { fingerprint } of original.alerts) {
        if (original.kind === 'resolved') told.delete(fingerprint);
        else if (heard.has(fingerprint)) {
          told.add(fingerprint);
          withheld.delete(fingerprint);
        } else if (original.kind === 'firing' && !told.has(fingerprint)) {
          // What ended meanwhile is owed its end: nobody chose to be spared it.
          if (book.current(fingerprint)?.state !== 'resolved') withheld.add(fingerprint);
        }
      }
    },
  };
}

function bounded(from: Iterable<string>): Pick<Set<string>, 'has' | 'add' | 'delete'> {
  const held = new Set(from);
  return {
    has: (value) => held.has(value),
    delete: (value) => held.delete(value),
    add(value) {
      held.delete(value);
      held.add(value);
      for (const oldest of held) {
        if (held.size <= MAX_IDS) break;
        held.delete(oldest);
      }
      return held;
    },
  };
}
