import type { Rampart } from '../../model/index.ts';
import { createAlertFeed } from './alert-feed.ts';
import { createDeathFeed } from './death-feed.ts';
import type { Feed } from './feed.ts';
import { ALERTS_URI, POST_MORTEM_URI, type ResourceUri, STATUS_URI } from './identity.ts';
import { createStatusFeed } from './status-feed.ts';

/** The feed of each resource. */
export type Feeds = Readonly<Record<ResourceUri, Feed>>;

/** Shared by the servers of one process, so that ten subscribers cost one watch. */
export function createFeeds(rampart: () => Promise<Rampart>): Feeds {
  return {
    [STATUS_URI]: createStatusFeed({ rampart }),
    [ALERTS_URI]: createAlertFeed({ rampart }),
    [POST_MORTEM_URI]: createDeathFeed({ rampart }),
  };
}
