// express-session's README: MemoryStore "will leak memory under most conditions"; memorystore prunes what has expired.
import { createServer, Agent, get } from 'node:http';
import { once } from 'node:events';
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
export default {
  source: 'express-session README, Compatible Session Stores',
  packages: { leaky: 'express-session', fixed: 'express-session' },
  kind: 'v8-heap',
  perSecond: 500,
  async start({ default: session }, variant) {
    const express = require('express');
    const store =
      variant === 'leaky' ? undefined : new (require('memorystore')(session))({ max: 500, checkPeriod: 1000 });
    const app = express().use(
      session({
        secret: 'test',
        resave: false,
        saveUninitialized: true,
        cookie: { maxAge: 2000 },
        ...(store ? { store } : {}),
      }),
    );
    app.get('/', (request, response) => {
      request.session.seen = 'x'.repeat(500);
      response.end('ok');
    });
    console.warn = () => {};
    const server = createServer(app).listen(0, '127.0.0.1');
    server.unref();
    await once(server, 'listening');
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const { port } = server.address();
    return () =>
      new Promise((resolve, reject) => {
        get({ port, host: '127.0.0.1', agent }, (response) => response.resume().on('end', resolve)).on('error', reject);
      });
  },
};
