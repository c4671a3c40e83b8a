// A feathers REST service over koa: messages are made, changed, listed and removed again.
import { memory } from '@feathersjs/memory';
import { feathers } from '@feathersjs/feathers';
export default {
  packages: { healthy: '@feathersjs/koa' },
  async start({ koa, rest, bodyParser, errorHandler }) {
    const app = koa(feathers());
    app.use(errorHandler());
    app.use(bodyParser());
    app.configure(rest());
    app.use('messages', memory({ multi: true, paginate: { default: 20, max: 50 } }));
    const server = await app.listen(0);
    const url = `http://127.0.0.1:${server.address().port}/messages`;
    const call = async (path, method, body) => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${url}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return response.json();
    };
    let n = 0;
    return async () => {
      const { id } = await call('', 'POST', { text: `message ${(n += 1)} `.repeat(10), room: n % 7 });
      await call(`/${id}`, 'PATCH', { read: true });
      await call(`?room=${n % 7}`, 'GET');
      if (id >= 200) await call(`/${id - 200}`, 'DELETE');
    };
  },
};
