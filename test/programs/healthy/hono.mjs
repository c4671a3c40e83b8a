// A hono server that streams its answers; called with fetch.
export default {
  packages: { healthy: 'hono' },
  async start({ Hono }) {
    const { serve } = await import('@hono/node-server');
    const { stream } = await import('hono/streaming');
    const app = new Hono();
    app.post('/chat', async (context) => {
      const { text } = await context.req.json();
      return stream(context, async (out) => {
        for (const word of text.split(' ')) await out.write(`${word}\n`);
      });
    });
    const server = await new Promise((resolve) => {
      const started = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(started));
    });
    server.unref();
    const url = `http://127.0.0.1:${server.address().port}/chat`;
    const body = JSON.stringify({ text: 'one two three four five six seven eight nine ten' });
    return async () => void (await (await fetch(url, { method: 'POST', body })).text());
  },
};
