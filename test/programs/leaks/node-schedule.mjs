// node-schedule/node-schedule#581: jobs for one date stay in `scheduledJobs` after they have run.
export default {
  source: 'node-schedule/node-schedule#581',
  packages: { leaky: 'node-schedule-leaky', fixed: 'node-schedule-fixed' },
  kind: 'v8-heap',
  perSecond: 100,
  start({ default: schedule }) {
    let sent = 0;
    return () => {
      const mail = { to: `user-${sent}@example.org`, subject: 'Your appointment' };
      schedule.scheduleJob(new Date(Date.now() + 40), () => (sent += mail.to.length > 0 ? 1 : 0));
    };
  },
};
