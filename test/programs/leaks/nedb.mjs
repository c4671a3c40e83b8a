// Events go into an in-memory database beside 20,000 articles; only the fixed one takes the old ones out.
export default {
  source: 'seald/nedb, in-memory datastore',
  packages: { leaky: '@seald-io/nedb', fixed: '@seald-io/nedb' },
  kind: 'v8-heap',
  perSecond: 40,
  async start({ default: Datastore }, variant) {
    const articles = new Datastore();
    await articles.ensureIndexAsync({ fieldName: 'id' });
    await articles.insertAsync(Array.from({ length: 20_000 }, (_, id) => ({ id, name: `article ${id}` })));
    const events = new Datastore();
    await events.ensureIndexAsync({ fieldName: 'n' });
    let n = 0;
    return async () => {
      const { name } = await articles.findOneAsync({ id: (n += 1) % 20_000 });
      await events.insertAsync({ n, text: `event ${n} of ${name}`, at: new Date() });
      if (variant === 'fixed') await events.removeAsync({ n: n - 200 }, {});
    };
  },
};
