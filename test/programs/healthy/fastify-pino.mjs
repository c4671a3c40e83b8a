// An API that logs each request to a file and validates what it gets, under bursts with pauses.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
export default {
  packages: { healthy: 'fastify' },
  async start({ default: fastify }) {
    const file = join(mkdtempSync(join(tmpdir(), 'rampart-fastify-')), 'access.log');
    const app = fastify({ logger: { level: 'info', file } });
    const properties = { name: { type: 'string' }, items: { type: 'array', items: { type: 'integer' } } };
    app.post('/orders', { schema: { body: { type: 'object', properties } } }, async ({ body }) => ({
      sum: body.items.length,
    }));
    await app.ready();
    let n = 0;
    return async () => {
      await app.inject({ method: 'POST', url: '/orders', payload: { name: `order ${(n += 1)}`, items: [1, 2, 3] } });
      if (n % 2000 === 0) await new Promise((resolve) => setTimeout(resolve, 1000));
    };
  },
};
