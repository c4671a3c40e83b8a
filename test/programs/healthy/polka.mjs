// A small API in front of a working set of 100,000 records, of which one is replaced with each request.
import { once } from 'node:events';
import { Agent, get } from 'node:http';
export default {
  packages: { healthy: 'polka' },
  perSecond: 250,
  async start({ default: polka }) {
    const record = (id, version) => ({ id, version, name: `record ${id}.${version}`, tags: [id % 5, id % 9] });
    const records = Array.from({ length: 100_000 }, (_, id) => record(id, 0));
    let n = 0;
    const app = polka().get('/:id', (request, response) => {
      const id = Number(request.params.id);
      records[id] = record(id, (n += 1));
      response.end(JSON.stringify(records.slice(id, id + 20)));
    });
    app.listen(0, '127.0.0.1');
    await once(app.server, 'listening');
    app.server.unref();
    const { port } = app.server.address();
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    return () =>
      new Promise((resolve, reject) => {
        const path = `/${Math.floor(Math.random() * records.length)}`;
        get({ port, host: '127.0.0.1', agent, path }, (response) => response.resume().on('end', resolve)).on(
          'error',
          reject,
        );
      });
  },
};
