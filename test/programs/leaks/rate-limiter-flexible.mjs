// A limiter whose counts never expire, by client; the fixed one forgets after two seconds.
export default {
  source: 'animir/node-rate-limiter-flexible, duration 0',
  packages: { leaky: 'rate-limiter-flexible', fixed: 'rate-limiter-flexible' },
  kind: 'v8-heap',
  perSecond: 150,
  start({ default: { RateLimiterMemory } }, variant) {
    const limiter = new RateLimiterMemory({ points: 10, duration: variant === 'fixed' ? 2 : 0 });
    let n = 0;
    return async () => void (await limiter.consume(`10.${(n += 1) >> 16}.${(n >> 8) & 255}.${n & 255}`));
  },
};
