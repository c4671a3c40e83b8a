// Entries live for ten seconds: after that as many go as come.
export default {
  packages: { healthy: 'node-cache' },
  perSecond: 600,
  start({ default: NodeCache }) {
    const cache = new NodeCache({ stdTTL: 10, checkperiod: 2 });
    let n = 0;
    return () => {
      cache.set(`user:${(n += 1)}`, { id: n, roles: ['a', 'b'], text: `profile ${n} `.repeat(8) });
      return cache.get(`user:${n - 50}`);
    };
  },
};
