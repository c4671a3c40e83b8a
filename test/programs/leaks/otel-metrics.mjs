// open-telemetry/opentelemetry-js#4115: with two readers each keeps what the other has not collected.
export default {
  source: 'open-telemetry/opentelemetry-js#4115',
  packages: { leaky: 'otel-metrics-leaky', fixed: 'otel-metrics-fixed' },
  kind: 'v8-heap',
  perSecond: 10,
  start({ MeterProvider, MetricReader }) {
    class Reader extends MetricReader {
      async onForceFlush() {}
      async onShutdown() {}
    }
    const readers = [new Reader(), new Reader()];
    const provider = new MeterProvider();
    for (const reader of readers) provider.addMetricReader(reader);
    const requests = provider.getMeter('api').createCounter('requests');
    const latency = provider.getMeter('api').createHistogram('latency');
    let n = 0;
    return async () => {
      for (let i = 0; i < 8; i += 1) {
        requests.add(1, { route: `/r${i}` });
        latency.record((n += 1) % 100, { route: `/r${i}` });
      }
      for (const reader of readers) await reader.collect();
    };
  },
};
