import { defineDetector } from './define.ts';

/** Ville's bound: a healthy process with exchangeable blocks gets here once in a thousand lives. */
const SURE = Math.log(1000);

/** Ever new record heights of 20-minute means, as an e-value (see record-bets.ts). The fleet's control rests on it. */
export const records = defineDetector({
  name: 'records',
  title: 'ever new record levels',
  needs: ['rssBytes'],
  start: ({ scales }) => ({
    push() {},
    evidence() {
      const { logE, values, records: count } = scales.quickBets;
      return {
        name: 'records',
        score: values < 3 ? null : Math.max(0, 1 - Math.exp(-Math.max(0, logE))),
        detected: logE >= SURE,
        evidence: { logE, blocks: values, records: count },
        reason:
          values < 3
            ? 'fewer than 3 blocks of this scale'
            : `${count} records among ${values} means, e-value ${Math.exp(Math.min(logE, 60)).toPrecision(2)}`,
      };
    },
    stateBytes: 0,
  }),
});
