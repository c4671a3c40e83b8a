// A database in memory: documents come, are changed, found by index and removed again; some 20,000 live.
export default {
  packages: { healthy: 'lokijs' },
  perSecond: 800,
  start({ default: Loki }) {
    const orders = new Loki('shop.db').addCollection('orders', { indices: ['customer'], unique: ['number'] });
    let n = 0;
    return () => {
      orders.insert({ number: (n += 1), customer: n % 300, lines: [{ sku: n % 50, count: 1 }], state: 'new' });
      if (n % 10 === 0)
        for (const order of orders.find({ customer: n % 300 }).slice(0, 5)) orders.update({ ...order, state: 'sent' });
      if (n > 20_000) orders.findAndRemove({ number: n - 20_000 });
    };
  },
};
