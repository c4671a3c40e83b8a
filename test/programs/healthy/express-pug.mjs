// Server-side pages: express with compiled pug templates, under steady load.
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import express from 'express';
export default {
  packages: { healthy: 'pug' },
  async start({ default: pug }) {
    const page = pug.compile('ul\n  each row in rows\n    li= row.text\np Page #{n}');
    const app = express();
    let n = 0;
    app.get('/page/:id', (request, response) =>
      response.send(
        page({ n: (n += 1), rows: Array.from({ length: 40 }, (_, i) => ({ text: `${request.params.id}.${i}` })) }),
      ),
    );
    const server = app.listen(0, '127.0.0.1');
    server.unref();
    await once(server, 'listening');
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    const { port } = server.address();
    return () =>
      new Promise((resolve, reject) => {
        get({ port, host: '127.0.0.1', agent, path: `/page/${n}` }, (response) =>
          response.resume().on('end', resolve),
        ).on('error', reject);
      });
  },
};
