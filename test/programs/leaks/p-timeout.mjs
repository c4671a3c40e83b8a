// sindresorhus/p-timeout#42: the abort listener on a shared signal is not taken off again.
export default {
  source: 'sindresorhus/p-timeout#42',
  packages: { leaky: 'p-timeout-leaky', fixed: 'p-timeout-fixed' },
  kind: 'v8-heap',
  perSecond: 1000,
  start({ default: pTimeout }) {
    const { signal } = new AbortController();
    process.removeAllListeners('warning');
    return async () => void (await pTimeout(Promise.resolve(1), { milliseconds: 60_000, signal }));
  },
};
