// Pages from templates under full load, the compiled ones cached.
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
export default {
  packages: { healthy: 'ejs' },
  async start({ default: ejs }) {
    const express = require('express');
    const { Agent, get } = require('node:http');
    const page = '<h1><%= title %></h1><ul><% for (const row of rows) { %><li><%= row.name %></li><% } %></ul>';
    const app = express().get('/:id', ({ params }, response) => {
      const rows = Array.from({ length: 40 }, (_, id) => ({ name: `row ${id} of ${params.id}` }));
      response.send(ejs.render(page, { title: params.id, rows }, { cache: true, filename: `page-${params.id % 20}` }));
    });
    const server = await new Promise((resolve) => {
      const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
    });
    server.unref();
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const { port } = server.address();
    let n = 0;
    return () =>
      new Promise((resolve, reject) => {
        const path = `/${(n += 1)}`;
        get({ port, host: '127.0.0.1', agent, path }, (response) => response.resume().on('end', resolve)).on(
          'error',
          reject,
        );
      });
  },
};
