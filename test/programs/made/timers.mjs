// Each request starts an interval that refreshes what it has read; only the fixed one ends it.
export default {
  packages: { leaky: 'node:timers', fixed: 'node:timers' },
  kind: 'v8-heap',
  perSecond: 200,
  start({ setInterval, clearInterval }, variant) {
    return async () => {
      const answer = { rows: Array.from({ length: 300 }, (_, id) => ({ id })) };
      const timer = setInterval(() => answer.rows.length, 30_000);
      timer.unref();
      await null;
      if (variant === 'fixed') clearInterval(timer);
    };
  },
};
