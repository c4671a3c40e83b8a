// sindresorhus/p-retry#71: the abort listener is not removed when the task is done.
export default {
  source: 'sindresorhus/p-retry#71',
  packages: { leaky: 'p-retry-leaky', fixed: 'p-retry-fixed' },
  kind: 'v8-heap',
  perSecond: 40,
  start({ default: pRetry }) {
    process.removeAllListeners('warning');
    const { signal } = new AbortController();
    let n = 0;
    return async () => {
      n += 1;
      const job = { id: n, payload: `order ${n}` };
      await pRetry(
        async (attempt) => {
          if (attempt === 1 && n % 5 === 0) throw new Error('try again');
          return job.payload.length;
        },
        { retries: 2, minTimeout: 1, maxTimeout: 5, signal },
      );
    };
  },
};
