// sindresorhus/got#465: with a keep-alive agent each request leaves a connect listener on the socket.
export default {
  source: 'sindresorhus/got#465',
  packages: { leaky: 'got-leaky', fixed: 'got-fixed' },
  kind: 'v8-heap',
  perSecond: 12,
  async start({ default: got }) {
    const { createServer, Agent } = await import('node:http');
    const { once } = await import('node:events');
    process.removeAllListeners('warning');
    const server = createServer((_, response) => response.end('{"ok":true}')).listen(0, '127.0.0.1');
    server.unref();
    server.keepAliveTimeout = 60_000;
    await once(server, 'listening');
    const agent = new Agent({ keepAlive: true, maxSockets: 2 });
    const url = `http://127.0.0.1:${server.address().port}/`;
    return async () => void (await got(url, { agent, json: true }));
  },
};
