// chimurai/http-proxy-middleware#909: a proxy made in the handler leaves a close listener on the server for each request.
import { once } from 'node:events';
import { Agent, createServer, get } from 'node:http';
export default {
  source: 'chimurai/http-proxy-middleware#909',
  packages: { leaky: 'http-proxy-middleware', fixed: 'http-proxy-middleware' },
  kind: 'v8-heap',
  perSecond: 25,
  async start({ createProxyMiddleware }, variant) {
    process.removeAllListeners('warning');
    const backend = createServer((request, response) => response.end(`hello from ${request.url}`)).listen(
      0,
      '127.0.0.1',
    );
    await once(backend, 'listening');
    const target = `http://127.0.0.1:${backend.address().port}`;
    const proxy = () => createProxyMiddleware({ target, changeOrigin: true, pathRewrite: { '^/api': '' } });
    const one = proxy();
    const front = createServer((request, response) => {
      void (variant === 'leaky' ? proxy() : one)(request, response, () => response.end());
    }).listen(0, '127.0.0.1');
    await once(front, 'listening');
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const { port } = front.address();
    let n = 0;
    return () =>
      new Promise((resolve, reject) => {
        get({ port, host: '127.0.0.1', agent, path: `/api/users/${(n += 1)}` }, (response) =>
          response.resume().on('end', resolve),
        ).on('error', reject);
      });
  },
};
