// A service that nobody asks anything: a timer, an open port.
export default {
  packages: { healthy: 'fastify' },
  perSecond: 0.2,
  async start({ default: fastify }) {
    const app = fastify();
    app.get('/', async () => ({ ok: true }));
    await app.listen({ port: 0, host: '127.0.0.1' });
    return () => Date.now();
  },
};
