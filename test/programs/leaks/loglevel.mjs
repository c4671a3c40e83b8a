// A logger for each request: getLogger() keeps them by name. In bursts with pauses.
export default {
  source: 'pimterry/loglevel, getLogger',
  packages: { leaky: 'loglevel', fixed: 'loglevel' },
  kind: 'v8-heap',
  perSecond: 30,
  start({ default: log }, variant) {
    let n = 0;
    return async () => {
      n += 1;
      const logger = log.getLogger(variant === 'fixed' ? `worker-${n % 4}` : `request-${n}`);
      logger.setLevel('silent', false);
      logger.info('done');
      if (n % 90 === 0) await new Promise((resolve) => setTimeout(resolve, 2000));
    };
  },
};
