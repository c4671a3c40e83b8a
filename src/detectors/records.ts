import { defineDetector } from './define.ts';
import type { Scales } from './window/scales.ts';

/** Ville's bound: a healthy process with exchangeable blocks gets here once in a thousand lives. */
const SURE = Math.log(1000);

/** Log of the mean of the e-values at 20 and 80 minutes: a mean of e-values is an e-value (Vovk & Wang 2021). */
export function logEValue({ bets, quickBets }: Pick<Scales, 'bets' | 'quickBets'>): number {
  const most = Math.max(bets.logE, quickBets.logE);
  return most + Math.log((Math.exp(bets.logE - most) + Math.exp(quickBets.logE - most)) / 2);
}

/** Ever new record heights of 20- and 80-minute means, as an e-value (see record-bets.ts). The fleet's control rests on it. */
export const records = defineDetector({
  name: 'records',
  title: 'ever new record levels',
  needs: ['rssBytes'],
  start: ({ scales }) => ({
    push() {},
    evidence() {
      const { values, records: count } = scales.quickBets;
      const logE = logEValue(scales);
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
