// Healthy: load comes in waves of ten seconds, each larger than the one before; nothing is kept.
export default {
  packages: { healthy: 'node:util' },
  start() {
    const startMs = performance.now();
    return async () => {
      const seconds = (performance.now() - startMs) / 1000;
      const open = Array.from(
        { length: Math.round(20 * (1 + seconds / 20) * (1 + Math.sin(seconds / 1.6))) },
        (_, id) =>
          new Promise((resolve) =>
            setTimeout(
              resolve,
              15,
              Array.from({ length: 200 }, () => ({ id })),
            ),
          ),
      );
      await Promise.all(open);
      await new Promise((resolve) => setTimeout(resolve, 5));
    };
  },
};
