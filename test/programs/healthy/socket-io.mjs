// Clients come, chat in a room, and go.
import { createServer } from 'node:http';
import { once } from 'node:events';
export default {
  packages: { healthy: 'socket.io' },
  perSecond: 20,
  async start({ Server }) {
    const { io } = await import('socket.io-client');
    const http = createServer();
    const server = new Server(http);
    server.on('connection', (socket) => {
      void socket.join('room');
      socket.on('say', (text, done) => {
        socket.to('room').emit('said', text);
        done(text.length);
      });
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    http.unref();
    const url = `http://127.0.0.1:${http.address().port}`;
    let n = 0;
    return async () => {
      const client = io(url, { forceNew: true, transports: ['websocket'], reconnection: false });
      await new Promise((resolve) => client.on('connect', resolve));
      for (let i = 0; i < 3; i += 1) await client.emitWithAck('say', `message ${(n += 1)} `.repeat(20));
      client.close();
    };
  },
};
