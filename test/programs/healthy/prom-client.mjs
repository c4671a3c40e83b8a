// Metrics of a service: forty series, scraped twice a second.
export default {
  packages: { healthy: 'prom-client' },
  perSecond: 2000,
  start({ default: client }) {
    const registry = new client.Registry();
    client.collectDefaultMetrics({ register: registry });
    const latency = new client.Histogram({
      name: 'latency_seconds',
      help: 'time',
      labelNames: ['route', 'status'],
      registers: [registry],
    });
    const sizes = new client.Summary({
      name: 'bytes',
      help: 'size',
      maxAgeSeconds: 20,
      ageBuckets: 5,
      registers: [registry],
    });
    let n = 0;
    return async () => {
      latency.observe({ route: `/r${(n += 1) % 20}`, status: n % 2 === 0 ? '200' : '404' }, (n % 100) / 100);
      sizes.observe(n % 1000);
      if (n % 1000 === 0) await registry.metrics();
    };
  },
};
