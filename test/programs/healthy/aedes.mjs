// An MQTT broker and its clients: they come, subscribe, publish, and go.
import { once } from 'node:events';
import { createServer } from 'node:net';
import mqtt from 'mqtt';
export default {
  packages: { healthy: 'aedes' },
  perSecond: 20,
  async start({ default: Aedes }) {
    const broker = new Aedes();
    const server = createServer(broker.handle).listen(0, '127.0.0.1');
    server.unref();
    await once(server, 'listening');
    let n = 0;
    return async () => {
      const client = mqtt.connect(`mqtt://127.0.0.1:${server.address().port}`, { clientId: `sensor-${(n += 1)}` });
      await once(client, 'connect');
      await client.subscribeAsync(`room/${n % 10}`);
      await client.publishAsync(`room/${n % 10}`, `value ${n}`, { qos: 1 });
      await client.endAsync();
    };
  },
};
