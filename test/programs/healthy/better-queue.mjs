// A job queue in memory: tasks merge by id, some fail and are tried again, none stays.
export default {
  packages: { healthy: 'better-queue' },
  perSecond: 150,
  start({ default: Queue }) {
    const queue = new Queue(
      ({ id, text }, done) => setImmediate(() => (id % 20 === 0 ? done(new Error('busy')) : done(null, text.length))),
      { concurrent: 4, maxRetries: 1, retryDelay: 5 },
    );
    queue.on('task_failed', () => {});
    let n = 0;
    return () =>
      new Promise((resolve) => {
        n += 1;
        queue
          .push({ id: n, text: `task ${n} `.repeat(50) })
          .on('finish', resolve)
          .on('failed', resolve);
      });
  },
};
