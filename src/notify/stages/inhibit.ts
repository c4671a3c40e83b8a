import { about } from '../wording.ts';
import type { Stage } from './stage.ts';

/** Stops what a graver alert explains by now. */
export function inhibit(): Stage {
  return {
    judge(_item, notification, { book }) {
      const free = notification.alerts.filter(
        (alert) => (book.current(alert.fingerprint) ?? alert).inhibitedBy === null,
      );
      if (free.length === 0 && notification.alerts.length > 0) return { stop: 'inhibited' };
      return { go: about(notification, free) };
    },
  };
}
