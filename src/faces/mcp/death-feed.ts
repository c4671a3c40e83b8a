import { createFeed, type Feed, type FeedOptions } from './feed.ts';

/** News of `memory://post-mortem`: something that was watched has died. A swarm that ends at once is one piece of news. */
export function createDeathFeed(options: FeedOptions): Feed {
  return createFeed<string>(
    {
      hears: ({ type }) => type === 'death',
      look: async (rampart) => (await rampart.postMortem({ limit: 1 })).deaths[0]?.id ?? '',
      differs: (then, now) => then !== now,
    },
    options,
  );
}
