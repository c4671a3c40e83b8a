import { defineKiller, WEIGHT, weighed } from '../define-killer.ts';

/** The machine went down, and everything with it. */
export const shutdown = defineKiller({
  killer: 'shutdown',
  title: 'the end of the machine it ran on',
  weigh({ rebooted, exit }) {
    if (!rebooted || exit !== null) return null;
    return weighed(WEIGHT.counted, 'reboot', 'The machine was started anew since it was last seen.');
  },
});
