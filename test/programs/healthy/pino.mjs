// A logger that writes through a worker thread, in bursts.
export default {
  packages: { healthy: 'pino' },
  start({ default: pino }) {
    const logger = pino({}, pino.transport({ target: 'pino/file', options: { destination: '/dev/null' } }));
    let n = 0;
    return async () => {
      const child = logger.child({ request: (n += 1) });
      child.info({ path: '/x'.repeat(20), rows: [n, n + 1] }, 'handled');
      if (n % 500 === 0) await new Promise((resolve) => setTimeout(resolve, 40));
    };
  },
};
