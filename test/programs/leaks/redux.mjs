// A subscription for each view that is shown; views go, subscriptions stay.
export default {
  source: 'redux.js.org, store.subscribe',
  packages: { leaky: 'redux', fixed: 'redux' },
  kind: 'v8-heap',
  perSecond: 60,
  start({ legacy_createStore: createStore }, variant) {
    const store = createStore((state = { n: 0 }, { type }) => (type === 'next' ? { n: state.n + 1 } : state));
    let views = 0;
    return async () => {
      const view = { id: (views += 1), rows: Array.from({ length: 20 }, (_, i) => i) };
      const unsubscribe = store.subscribe(() => void (view.shown = store.getState().n));
      if (views % 60 === 0) store.dispatch({ type: 'next' });
      if (variant === 'fixed') unsubscribe();
    };
  },
};
