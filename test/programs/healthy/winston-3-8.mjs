// A logger at work: bursts of garbage, flat live set. Research control.
import { Writable } from 'node:stream';
export default {
  packages: { healthy: 'winston-3-8' },
  start({ default: winston }) {
    const sink = new Writable({ write: (_chunk, _encoding, done) => setImmediate(done) });
    const logger = winston.createLogger({ transports: [new winston.transports.Stream({ stream: sink })] });
    let n = 0;
    return async () => {
      logger.info('handled', { request: (n += 1), path: '/x'.repeat(20) });
      if (n % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    };
  },
};
