// A cache of 40 MB that takes 40 s to fill; then it churns.
export default {
  packages: { healthy: 'lru-cache' },
  perSecond: 800,
  start({ LRUCache }) {
    const cache = new LRUCache({ max: 32_000 });
    let n = 0;
    return () => void cache.set((n += 1), { n, rows: Array.from({ length: 30 }, (_, id) => id + n + 0.5) });
  },
};
