// JSON-RPC over TCP: a connection for each call, as jayson's client does it.
import { once } from 'node:events';
export default {
  packages: { healthy: 'jayson' },
  async start({ default: jayson }) {
    const server = jayson
      .Server({ sum: (values, reply) => reply(null, { sum: values.reduce((a, b) => a + b, 0), of: values.length }) })
      .tcp();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = jayson.Client.tcp({ port: server.address().port, host: '127.0.0.1' });
    let n = 0;
    return () =>
      new Promise((resolve, reject) => {
        const values = Array.from({ length: 100 }, (_, i) => i + (n += 1));
        client.request('sum', values, (error) => (error ? reject(error) : resolve()));
      });
  },
};
