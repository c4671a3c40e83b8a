// fast-memoize keeps every result; the fixed one looks up a hundred keys only.
export default {
  source: 'caiogondim/fast-memoize.js, custom cache',
  packages: { leaky: 'fast-memoize', fixed: 'fast-memoize' },
  kind: 'v8-heap',
  perSecond: 100,
  start({ default: memoize }, variant) {
    const price = memoize((query) => ({ query, total: query.amount * 1.19 }));
    let n = 0;
    return async () => {
      n += 1;
      price({ item: 'pen', amount: variant === 'fixed' ? n % 100 : n });
    };
  },
};
