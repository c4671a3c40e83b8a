// A bounded cache that fills within half a minute, then churns: growth that ends is no leak.
export default {
  packages: { healthy: 'lru-cache' },
  start({ LRUCache }) {
    const cache = new LRUCache({ max: 60_000 });
    let n = 0;
    return async () => {
      for (let i = 0; i < 20; i += 1) cache.set(`key-${(n += 1)}`, { n, text: 'x'.repeat(100) });
      await new Promise((resolve) => setTimeout(resolve, 2));
    };
  },
};
