// nodejs/node#46435: fetch with a long-lived signal keeps each request through an abort listener.
import { createServer } from 'node:http';
import { once } from 'node:events';
export default {
  source: 'nodejs/node#46435',
  packages: { leaky: 'undici-leaky', fixed: 'undici-fixed' },
  kind: 'v8-heap',
  perSecond: 100,
  async start({ fetch }) {
    const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
    server.unref();
    await once(server, 'listening');
    const url = `http://127.0.0.1:${server.address().port}/`;
    const { signal } = new AbortController();
    return async () => void (await (await fetch(url, { signal })).text());
  },
};
