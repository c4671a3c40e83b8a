// Healthy: after 25 s a data set of some 15 MB is loaded and stays.
export default {
  packages: { healthy: 'node:util' },
  perSecond: 200,
  start() {
    const startMs = performance.now();
    let table = null;
    return () => {
      if (table === null && performance.now() - startMs > 25_000)
        table = Array.from({ length: 200_000 }, (_, id) => ({ id, twice: id * 2 }));
      return Array.from({ length: 500 }, (_, id) => ({ id })).length + (table?.length ?? 0);
    };
  },
};
