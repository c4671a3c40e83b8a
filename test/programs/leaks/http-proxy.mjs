// http-party/node-http-proxy#1559: since Node 15.5 a client that goes away leaves the connection to the backend open.
import { once } from 'node:events';
import { createServer, get } from 'node:http';
export default {
  source: 'http-party/node-http-proxy#1559',
  packages: { leaky: 'http-proxy-leaky', fixed: 'http-proxy-fixed' },
  perSecond: 5,
  async start({ default: { createProxyServer } }) {
    const backend = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: hello\n\n');
    }).listen(0, '127.0.0.1');
    await once(backend, 'listening');
    const proxy = createProxyServer({ target: `http://127.0.0.1:${backend.address().port}` });
    proxy.on('error', () => {});
    const front = createServer((request, response) => proxy.web(request, response)).listen(0, '127.0.0.1');
    await once(front, 'listening');
    const { port } = front.address();
    let n = 0;
    // A tab with an event stream is opened, hears once, and is closed.
    return () =>
      new Promise((resolve, reject) => {
        const client = get({ port, host: '127.0.0.1', agent: false, path: `/events?tab=${(n += 1)}` }, (response) =>
          response.once('data', () => {
            client.destroy();
            resolve();
          }),
        ).on('error', reject);
      });
  },
};
