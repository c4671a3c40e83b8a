// A socket server that speaks MessagePack; clients come and go, some thirty at a time.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
export default {
  packages: { healthy: 'msgpackr' },
  perSecond: 300,
  async start({ Packr }) {
    const packr = new Packr({ useRecords: false });
    const clients = new Set();
    const server = createServer((socket) => {
      clients.add(socket);
      socket.on('close', () => clients.delete(socket)).on('error', () => socket.destroy());
      socket.on('data', (bytes) => socket.write(packr.pack({ ...packr.unpack(bytes), clients: clients.size })));
    }).listen(0, '127.0.0.1');
    server.unref();
    await once(server, 'listening');
    const open = [];
    let n = 0;
    return async () => {
      n += 1;
      if (open.length < 30) {
        const socket = connect(server.address().port, '127.0.0.1');
        socket.unref();
        await once(socket, 'connect');
        open.push(socket);
      }
      const socket = open[n % open.length];
      socket.write(packr.pack({ n, rows: Array.from({ length: 30 }, (_, id) => ({ id, text: `row ${id}` })) }));
      packr.unpack((await once(socket, 'data'))[0]);
      if (n % 20 === 0) open.splice(n % open.length, 1)[0].destroy();
    };
  },
};
