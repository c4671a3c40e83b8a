// node-cron 3 keeps each task in a global map, stopped ones as well; only what is taken out of it goes.
export default {
  source: 'node-cron 3.0.3, src/storage.js',
  packages: { leaky: 'node-cron', fixed: 'node-cron' },
  kind: 'v8-heap',
  perSecond: 15,
  start({ default: cron }, variant) {
    let n = 0;
    return async () => {
      const name = `reminder-${(n += 1)}`;
      const task = cron.schedule('0 4 * * *', () => n, { name });
      task.stop();
      if (variant === 'fixed') cron.getTasks().delete(name);
    };
  },
};
