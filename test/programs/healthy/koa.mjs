// A koa API that keeps its last thousand sessions, each for ten seconds; a new client connection for each request.
import { once } from 'node:events';
import { get } from 'node:http';
export default {
  packages: { healthy: 'koa' },
  perSecond: 150,
  async start({ default: Koa }) {
    const sessions = new Map();
    const app = new Koa();
    app.use(async (context) => {
      const id = String(context.query.id);
      sessions.set(id, { id, sinceMs: Date.now(), basket: Array.from({ length: 20 }, (_, i) => ({ i })) });
      for (const [key, { sinceMs }] of sessions) {
        if (sessions.size <= 1000 && Date.now() - sinceMs < 10_000) break;
        sessions.delete(key);
      }
      context.body = { sessions: sessions.size };
    });
    const server = app.listen(0, '127.0.0.1');
    server.unref();
    await once(server, 'listening');
    const { port } = server.address();
    let n = 0;
    return () =>
      new Promise((resolve, reject) => {
        get({ port, host: '127.0.0.1', agent: false, path: `/?id=${(n += 1)}` }, (response) =>
          response.resume().on('end', resolve),
        ).on('error', reject);
      });
  },
};
