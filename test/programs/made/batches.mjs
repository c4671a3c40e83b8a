// Healthy: a batch of about 20 MB grows for eight seconds and is dropped, again and again.
export default {
  packages: { healthy: 'node:util' },
  perSecond: 1000,
  start() {
    let batch = [];
    return () => {
      batch.push(Array.from({ length: 100 }, (_, id) => ({ id })));
      if (batch.length === 8000) batch = [];
    };
  },
};
