// Clients that go without return(): their iterators stay subscribed, and what is published piles up in each. In bursts with pauses.
export default {
  source: 'apollographql/graphql-subscriptions, asyncIterableIterator',
  packages: { leaky: 'graphql-subscriptions', fixed: 'graphql-subscriptions' },
  kind: 'v8-heap',
  perSecond: 40,
  start({ PubSub }, variant) {
    const pubsub = new PubSub();
    pubsub.ee.setMaxListeners(0);
    let n = 0;
    return async () => {
      const topic = `room-${(n += 1) % 8}`;
      const messages = pubsub.asyncIterableIterator([topic]);
      const first = messages.next();
      await pubsub.publish(topic, { n, text: 'x'.repeat(40) });
      await first;
      if (variant === 'fixed') await messages.return();
      if (n % 80 === 0) await new Promise((resolve) => setTimeout(resolve, 2500));
    };
  },
};
