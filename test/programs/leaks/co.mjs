// tj/co#180: an endless generator chains promises that keep each other alive.
export default {
  source: 'tj/co#180',
  packages: { leaky: 'co-leaky', fixed: 'co-fixed' },
  kind: 'v8-heap',
  perSecond: 10000,
  start({ default: co }) {
    let wake;
    const turn = () => new Promise((resolve) => (wake = resolve));
    co(function* forever() {
      for (;;) yield turn();
    });
    return async () => {
      wake();
      await null;
      await null;
    };
  },
};
