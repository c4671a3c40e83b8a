import { defineKiller, WEIGHT, weighed } from '../define-killer.ts';

/** What is left over: small where the end is known, large where nothing is. */
export const unknown = defineKiller({
  killer: 'unknown',
  title: 'not known',
  weigh: ({ exit }) =>
    exit === null
      ? weighed(
          WEIGHT.fits / 3,
          'no-status',
          'Nobody told how it ended: only a parent gets the exit status of a process.',
        )
      : { weight: WEIGHT.remote, evidence: [] },
});
