import type { Alert } from '../../model/index.ts';
import { createFeed, type Feed, type FeedOptions } from './feed.ts';

/** Alerts are grouped and cooled down before they get here: one notice a second is what an emergency may cost. */
const MIN_INTERVAL_MS = 1_000;

/** News of `memory://alerts`: one fired, grew worse, was acknowledged, silenced or resolved. */
export function createAlertFeed(options: FeedOptions): Feed {
  return createFeed<ReadonlyMap<string, string>>(
    {
      hears: ({ type }) => type === 'alert',
      look: async (rampart) => {
        const { alerts } = await rampart.listAlerts({ state: 'active' });
        return new Map(alerts.map((alert) => [alert.fingerprint, standing(alert)]));
      },
      differs: (then, now) =>
        then.size !== now.size || [...now].some(([fingerprint, how]) => then.get(fingerprint) !== how),
    },
    { minIntervalMs: MIN_INTERVAL_MS, ...options },
  );
}

function standing({ state, level, acknowledged, silencedBy, inhibitedBy }: Alert): string {
  return [state, level, acknowledged !== null, silencedBy !== null, inhibitedBy !== null].join();
}
