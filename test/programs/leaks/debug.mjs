// debug-js/debug#678: until 4.2, `debug.instances` keeps each logger that was ever made.
export default {
  source: 'debug-js/debug#678',
  packages: { leaky: 'debug-leaky', fixed: 'debug-fixed' },
  kind: 'v8-heap',
  perSecond: 3000,
  start({ default: debug }) {
    let n = 0;
    return () => debug(`request:${(n += 1) % 100}`)('handled');
  },
};
