// Three caches in front of one look-up: least recently used, by age, and memoized with a limit. All are full after ten seconds.
import TTLCache from '@isaacs/ttlcache';
import memoize from 'memoizee';
export default {
  packages: { healthy: 'quick-lru' },
  perSecond: 400,
  start({ default: QuickLRU }) {
    const recent = new QuickLRU({ maxSize: 2000 });
    const fresh = new TTLCache({ ttl: 6_000 });
    const user = memoize((id) => ({ id, text: `user ${id} `.repeat(20) }), { primitive: true, max: 3000 });
    let n = 0;
    return async () => {
      n += 1;
      recent.set(`page-${n}`, { n, html: `<p>${n}</p>`.repeat(20) });
      fresh.set(`token-${n}`, { n, claims: Array.from({ length: 10 }, (_, i) => `scope-${n}-${i}`) });
      user(n);
      recent.get(`page-${Math.floor(n * Math.random())}`);
    };
  },
};
