// avoidwork/tiny-lru#134: from 11.1.2 on, what is pushed out stays linked from what came after it.
export default {
  source: 'avoidwork/tiny-lru#134',
  packages: { leaky: 'tiny-lru-leaky', fixed: 'tiny-lru-fixed' },
  kind: 'v8-heap',
  perSecond: 600,
  start({ lru }) {
    const cache = lru(500);
    let n = 0;
    return () => {
      cache.set(`session:${(n += 1)}`, { id: n, cart: [n, n + 1, n + 2] });
      return cache.get(`session:${n - 3}`);
    };
  },
};
