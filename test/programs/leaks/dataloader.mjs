// dataloader's README, "Caching per-request": one loader for the whole process keeps each key that was ever loaded.
export default {
  source: 'graphql/dataloader README, Caching per Request',
  packages: { leaky: 'dataloader', fixed: 'dataloader' },
  kind: 'v8-heap',
  perSecond: 4000,
  start({ default: DataLoader }, variant) {
    const create = () => new DataLoader(async (keys) => keys.map((id) => ({ id, name: `user ${id}` })));
    const shared = create();
    let n = 0;
    return async () => void (await (variant === 'leaky' ? shared : create()).load((n += 1)));
  },
};
