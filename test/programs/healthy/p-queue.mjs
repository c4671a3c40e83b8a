// Jobs arrive in bursts of thousands every five seconds and are worked off.
export default {
  packages: { healthy: 'p-queue' },
  perSecond: 200,
  start({ default: PQueue }) {
    const queue = new PQueue({ concurrency: 20 });
    const job = async () => {
      const rows = Array.from({ length: 200 }, (_, id) => ({ id }));
      await new Promise((resolve) => setTimeout(resolve, 10));
      return rows.length;
    };
    let n = 0;
    return () => {
      if ((n += 1) % 1000 === 0) for (let i = 0; i < 3000; i += 1) void queue.add(job);
    };
  },
};
