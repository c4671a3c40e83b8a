// Reactions of views that are gone: what is not disposed stays with what it observed.
export default {
  source: 'mobx.js.org, always dispose of reactions',
  packages: { leaky: 'mobx', fixed: 'mobx' },
  kind: 'v8-heap',
  perSecond: 40,
  start({ autorun, observable }, variant) {
    const user = observable({ name: 'Ann' });
    return async () => {
      const view = { shown: '' };
      const dispose = autorun(() => void (view.shown = `Hello ${user.name}`));
      if (variant === 'fixed') dispose();
    };
  },
};
