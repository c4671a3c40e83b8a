// A circuit breaker for each call is never shut down: its timers keep it. Beside it a working set of some 35 MB.
export default {
  source: 'nodeshift/opossum, shutdown',
  packages: { leaky: 'opossum', fixed: 'opossum' },
  kind: 'v8-heap',
  perSecond: 12,
  start({ default: CircuitBreaker }, variant) {
    const catalogue = Array.from({ length: 200_000 }, (_, id) => ({
      id,
      name: `article ${id}`,
      tags: [id % 7, id % 11],
    }));
    return async () => {
      const breaker = new CircuitBreaker(async (id) => catalogue[id].name, { timeout: 1000, rollingCountBuckets: 4 });
      await breaker.fire(Math.floor(Math.random() * catalogue.length));
      if (variant === 'fixed') breaker.shutdown();
    };
  },
};
