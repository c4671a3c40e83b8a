// DataDog/dd-trace-js#2082: the rewritten express instrumentation keeps something of each request.
import { once } from 'node:events';
import { Agent, createServer, get } from 'node:http';
import { createRequire } from 'node:module';
export default {
  source: 'DataDog/dd-trace-js#2082',
  packages: { leaky: 'dd-trace-leaky', fixed: 'dd-trace-fixed' },
  kind: 'v8-heap',
  perSecond: 60,
  async start({ default: tracer }) {
    const collector = createServer((request, response) => {
      request.resume().on('end', () => response.end('{"rate_by_service":{}}'));
    }).listen(0, '127.0.0.1');
    await once(collector, 'listening');
    tracer.init({ url: `http://127.0.0.1:${collector.address().port}`, startupLogs: false, service: 'shop' });
    // Loaded after the tracer, or it sees nothing.
    const express = createRequire(import.meta.url)('express');
    const app = express();
    app.use((request, _, next) => {
      request.user = { id: request.query.id };
      next();
    });
    app.get('/items/:id', (request, response) => response.json({ id: request.params.id, user: request.user }));
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const { port } = server.address();
    let n = 0;
    return () =>
      new Promise((resolve, reject) => {
        get({ port, host: '127.0.0.1', agent, path: `/items/${(n += 1)}?id=u${n % 100}` }, (response) =>
          response.resume().on('end', resolve),
        ).on('error', reject);
      });
  },
};
