// node-fetch/node-fetch#1446: with a keep-alive agent each request leaves its listeners on the socket.
export default {
  source: 'node-fetch/node-fetch#1446',
  packages: { leaky: 'node-fetch-leaky', fixed: 'node-fetch-fixed' },
  kind: 'v8-heap',
  perSecond: 20,
  async start({ default: fetch }) {
    const { createServer, Agent } = await import('node:http');
    const { once } = await import('node:events');
    process.removeAllListeners('warning');
    // Chunked, as most APIs answer.
    const server = createServer((_, response) => response.write('{"ok":') && response.end('true}')).listen(
      0,
      '127.0.0.1',
    );
    server.unref();
    server.keepAliveTimeout = 60_000;
    await once(server, 'listening');
    const agent = new Agent({ keepAlive: true, maxSockets: 2 });
    const url = `http://127.0.0.1:${server.address().port}/`;
    return async () => void (await (await fetch(url, { agent })).json());
  },
};
