// A hapi API with a cached method: each answer is kept for 35 s, so the cache grows for 35 s and then stands.
import { Agent, get } from 'node:http';
export default {
  packages: { healthy: '@hapi/hapi' },
  perSecond: 80,
  async start({ default: Hapi }) {
    const server = Hapi.server({ port: 0, host: '127.0.0.1' });
    server.method(
      'product',
      async (id) => ({
        id,
        name: `product ${id}`,
        stock: Array.from({ length: 40 }, (_, shop) => ({ shop, left: shop * id })),
      }),
      { cache: { expiresIn: 35_000, generateTimeout: 2_000 }, generateKey: (id) => String(id) },
    );
    server.route({
      method: 'GET',
      path: '/products/{id}',
      handler: (request) => server.methods.product(Number(request.params.id)),
    });
    await server.start();
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    let n = 0;
    return () =>
      new Promise((resolve, reject) => {
        get({ port: server.info.port, host: '127.0.0.1', agent, path: `/products/${(n += 1)}` }, (response) =>
          response.resume().on('end', resolve),
        ).on('error', reject);
      });
  },
};
