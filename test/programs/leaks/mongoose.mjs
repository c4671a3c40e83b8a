// useDb() for each request leaves a connection on its parent each time; with useCache there is one a tenant.
export default {
  source: 'mongoosejs.com, Connection.prototype.useDb',
  packages: { leaky: 'mongoose', fixed: 'mongoose' },
  kind: 'v8-heap',
  perSecond: 48,
  start({ default: mongoose }, variant) {
    process.removeAllListeners('warning');
    const connection = mongoose.createConnection();
    let n = 0;
    return async () => void connection.useDb(`tenant-${(n += 1) % 10}`, { useCache: variant === 'fixed' });
  },
};
