// Healthy: a cache of 15 MB that is full after 30 s at a steady pace.
export default {
  packages: { healthy: 'node:util' },
  perSecond: 1000,
  start() {
    const cache = new Map();
    let n = 0;
    return () => {
      cache.set((n += 1), { n, text: `${n}`.padEnd(300, 'x').split('').join('') });
      if (cache.size > 30_000) cache.delete(cache.keys().next().value);
    };
  },
};
