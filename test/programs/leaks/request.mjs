// request/request#2575: each request on a kept-alive socket adds a connect listener, which is never called.
import { once } from 'node:events';
import { Agent, createServer } from 'node:http';
export default {
  source: 'request/request#2575',
  packages: { leaky: 'request-leaky', fixed: 'request-fixed' },
  kind: 'v8-heap',
  perSecond: 25,
  async start({ default: request }) {
    process.removeAllListeners('warning');
    const server = createServer((_, response) => response.end(JSON.stringify({ rows: [1, 2, 3] })));
    server.keepAliveTimeout = 30_000;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${server.address().port}`;
    const agent = new Agent({ keepAlive: true, maxSockets: 2 });
    let n = 0;
    return () =>
      new Promise((resolve, reject) => {
        request({ url: `${url}/rows/${(n += 1)}`, agent, json: true, time: true }, (error) =>
          error ? reject(error) : resolve(),
        );
      });
  },
};
