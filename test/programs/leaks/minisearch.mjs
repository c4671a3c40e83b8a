// An index whose discarded documents are never vacuumed away.
export default {
  source: 'lucaong/minisearch, autoVacuum',
  packages: { leaky: 'minisearch', fixed: 'minisearch' },
  kind: 'v8-heap',
  perSecond: 40,
  start({ default: MiniSearch }, variant) {
    const index = new MiniSearch({
      fields: ['title', 'text'],
      autoVacuum:
        variant === 'leaky' ? false : { minDirtCount: 100, minDirtFactor: 0.05, batchSize: 100, batchWait: 10 },
    });
    let n = 0;
    for (let id = 0; id < 300; id += 1) index.add({ id, title: `note ${id}`, text: `first text of ${id}` });
    return async () => {
      const id = (n += 1) % 300;
      index.replace({ id, title: `note ${id} v${n}`, text: `changed at ${n.toString(36)} by user-${n}` });
      index.search(`note ${id}`);
    };
  },
};
