// inflight's deprecation notice: a callback that is never called keeps its key for good.
export default {
  source: 'npm deprecation notice of inflight',
  packages: { leaky: 'inflight', fixed: 'inflight' },
  kind: 'v8-heap',
  perSecond: 3000,
  start({ default: inflight }, variant) {
    let n = 0;
    return () => {
      const callback = inflight(`key-${(n += 1)}-${'x'.repeat(100)}`, () => {});
      if (variant === 'fixed') callback();
    };
  },
};
