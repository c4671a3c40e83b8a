// isaacs/node-lru-cache#227: with maxSize but no max, what is pushed out by size is not let go.
export default {
  source: 'isaacs/node-lru-cache#227',
  packages: { leaky: 'lru-cache-7-leaky', fixed: 'lru-cache-7-fixed' },
  kind: 'v8-heap',
  perSecond: 250,
  start({ default: LRU }) {
    const cache = new LRU({ maxSize: 500_000, sizeCalculation: ({ body }) => body.length });
    let n = 0;
    return () => void cache.set(`page-${(n += 1)}`, { body: `${n}`.repeat(40) });
  },
};
