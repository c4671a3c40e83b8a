import type { Alert, AlertLevel, StopReason } from '../../model/index.ts';
import { about, RANK } from '../wording.ts';
import type { Stage } from './stage.ts';

/** Stops what is below the channel's level, and what somebody silenced or took on while it waited. */
export function mute(minLevel: AlertLevel): Stage {
  return {
    judge(_item, notification, { book }) {
      if (RANK[notification.level] < RANK[minLevel]) return { stop: 'below-level' };
      let reason: StopReason = 'silenced';
      const heard = notification.alerts.filter((alert) => {
        const muted = mutedBy(book.current(alert.fingerprint) ?? alert, notification.kind === 'resolved');
        if (muted !== null) reason = muted;
        return muted === null;
      });
      if (heard.length === 0 && notification.alerts.length > 0) return { stop: reason };
      return { go: about(notification, heard) };
    },
  };
}

/** Whoever took an alert on wants to hear that it is over, and nothing else. */
function mutedBy(alert: Alert, isOver: boolean): StopReason | null {
  if (alert.silencedBy !== null) return 'silenced';
  return alert.acknowledged !== null && !isOver ? 'acknowledged' : null;
}
