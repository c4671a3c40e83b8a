// Two queues of jobs, one with a limit of rate: up to some hundred wait at a time.
import fastq from 'fastq';
export default {
  packages: { healthy: 'bottleneck' },
  perSecond: 80,
  start({ default: Bottleneck }) {
    const limiter = new Bottleneck({ maxConcurrent: 4, minTime: 2 });
    const render = async ({ id }) => {
      await new Promise((resolve) => setTimeout(resolve, id % 10));
      return Array.from({ length: 500 }, (_, i) => `${id}.${i}`).join();
    };
    const queue = fastq.promise((job) => limiter.schedule(render, job), 8);
    let id = 0;
    return async () => {
      for (let i = 0; i < 3; i += 1) void queue.push({ id: (id += 1), payload: 'x'.repeat(2000) });
      if (queue.length() > 200) await queue.drained();
    };
  },
};
