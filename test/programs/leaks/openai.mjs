// openai/openai-node#1811: a long-lived signal passed to each request keeps a listener of each.
export default {
  source: 'openai/openai-node#1811',
  packages: { leaky: 'openai-leaky', fixed: 'openai-fixed' },
  kind: 'v8-heap',
  perSecond: 1000,
  start({ default: OpenAI }) {
    const body = JSON.stringify({ id: 'x', object: 'chat.completion', created: 0, model: 'm', choices: [] });
    const client = new OpenAI({
      apiKey: 'test',
      maxRetries: 0,
      fetch: async () => new Response(body, { headers: { 'content-type': 'application/json' } }),
    });
    const { signal } = new AbortController();
    process.removeAllListeners('warning');
    return async () => void (await client.chat.completions.create({ model: 'm', messages: [] }, { signal }));
  },
};
