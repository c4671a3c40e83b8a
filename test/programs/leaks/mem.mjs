// snyk npm:mem:20180117 (fixed in 4.0.0): entries older than maxAge are never deleted unless they are asked for again.
export default {
  source: 'advisory npm:mem:20180117',
  packages: { leaky: 'mem-leaky', fixed: 'mem-fixed' },
  kind: 'v8-heap',
  perSecond: 3000,
  start({ default: mem }) {
    let n = 0;
    const lookUp = mem((key) => ({ key, rows: [key.length] }), { maxAge: 500 });
    return () => void lookUp(`key-${(n += 1)}-${'x'.repeat(60)}`);
  },
};
