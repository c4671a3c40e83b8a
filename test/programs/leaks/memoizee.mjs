// A memoized look-up by user without a limit: results of every id that was ever asked for.
export default {
  source: 'medikoo/memoizee, limiting cache size',
  packages: { leaky: 'memoizee', fixed: 'memoizee' },
  kind: 'v8-heap',
  perSecond: 200,
  start({ default: memoize }, variant) {
    const load = (id) => ({ id, name: `user ${id}`, roles: ['reader', `group-${id % 7}`] });
    const user = memoize(load, { primitive: true, ...(variant === 'fixed' ? { max: 200 } : {}) });
    let n = 0;
    return async () => void user((n += 1));
  },
};
