import type { Evidence } from '../../model/index.ts';
import { defineKiller, WEIGHT } from '../define-killer.ts';
import { signalOf } from '../exit-status.ts';

/** It left by itself. */
export const exit = defineKiller({
  killer: 'exit',
  title: 'itself: it left',
  weigh({ exit: status, recordLeft, userGone }) {
    const evidence: Evidence[] = [];
    if (recordLeft === false) {
      evidence.push({
        kind: 'record-removed',
        detail: 'It removed its record of the session, as it does when it leaves in order.',
      });
    }
    if (recordLeft === true) {
      evidence.push({
        kind: 'record-left',
        detail: 'Its record of the session is still there: it had no time to remove it.',
      });
    }
    if (userGone) evidence.push({ kind: 'user-gone', detail: 'Its agent ended before it or with it.' });
    if (status === null) {
      const weight = recordLeft === false ? WEIGHT.fits * 3 : recordLeft === true ? WEIGHT.remote : WEIGHT.possible;
      return { weight: userGone ? Math.max(weight, WEIGHT.fits) : weight, evidence };
    }
    if (status.code === null || signalOf(status) !== null) return null;
    // Code 1 is also what an uncaught error gives; see crash.ts.
    return { weight: status.code === 0 ? WEIGHT.counted : WEIGHT.fits / 3, evidence };
  },
});
