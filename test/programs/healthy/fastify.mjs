// A JSON API under steady load.
import { Agent, request } from 'node:http';
export default {
  packages: { healthy: 'fastify' },
  async start({ default: fastify }) {
    const app = fastify();
    app.post('/', async ({ body }) => ({
      ...body,
      rows: Array.from({ length: 50 }, (_, id) => ({ id, text: 'row' })),
    }));
    await app.listen({ port: 0, host: '127.0.0.1' });
    app.server.unref();
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const { port } = app.server.address();
    return () =>
      new Promise((resolve, reject) => {
        const call = request(
          { port, host: '127.0.0.1', agent, method: 'POST', headers: { 'content-type': 'application/json' } },
          (response) => response.resume().on('end', resolve),
        );
        call.on('error', reject).end(JSON.stringify({ query: 'x'.repeat(500) }));
      });
  },
};
