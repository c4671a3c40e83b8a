// axios/axios#3001: a CancelToken that outlives its requests keeps a promise reaction for each of them.
export default {
  source: 'axios/axios#3001',
  packages: { leaky: 'axios-leaky', fixed: 'axios-fixed' },
  kind: 'v8-heap',
  perSecond: 150,
  async start({ default: axios }) {
    const { createServer } = await import('node:http');
    const { once } = await import('node:events');
    const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
    server.unref();
    await once(server, 'listening');
    const url = `http://127.0.0.1:${server.address().port}/`;
    const { token } = axios.CancelToken.source();
    return async () => void (await axios.get(url, { cancelToken: token }));
  },
};
