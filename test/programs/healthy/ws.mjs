// A WebSocket echo: buffers come and go outside the V8 heap.
import { once } from 'node:events';
export default {
  packages: { healthy: 'ws' },
  async start({ WebSocketServer, WebSocket }) {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    server.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
    await once(server, 'listening');
    const client = new WebSocket(`ws://127.0.0.1:${server.address().port}`);
    await once(client, 'open');
    const message = Buffer.alloc(16_384, 7);
    return async () => {
      client.send(message);
      await once(client, 'message');
    };
  },
};
