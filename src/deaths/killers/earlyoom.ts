import { defineKiller, WEIGHT, weighed } from '../define-killer.ts';
import { isFault } from '../exit-status.ts';
import { earlyoomVictim } from '../log-line.ts';
import { isNear } from '../signs.ts';

/** earlyoom acts below 10 % of MemAvailable unless told otherwise. */
const EARLYOOM_SHARE = 0.12;
/** It waits up to ten seconds between SIGTERM and SIGKILL. */
const GRACE_MS = 12_000;

/** Names its victim by pid. SIGTERM first: a program that catches it may leave with any code. */
export const earlyoom = defineKiller({
  killer: 'earlyoom',
  title: 'earlyoom',
  weigh(signs) {
    const { exit, daemonLog, daemons, process } = signs;
    if (exit !== null && isFault(exit.signal)) return null;
    const named = daemonLog?.some(
      ({ atMs, text }) => isNear(atMs, signs, GRACE_MS) && earlyoomVictim(text) === process.pid,
    );
    if (named === true) {
      return weighed(WEIGHT.named, 'earlyoom-log', "earlyoom's log says that it ended this process.");
    }
    if (exit !== null && exit.signal !== 'SIGTERM' && exit.signal !== 'SIGKILL') return null;
    if (daemons?.earlyoom === false || daemonLog !== null) return null;
    const scarce = (signs.availableShare ?? 1) <= EARLYOOM_SHARE;
    const running = daemons?.earlyoom === true ? 'earlyoom runs here' : 'earlyoom may run here';
    return weighed(scarce ? WEIGHT.fits : WEIGHT.remote, 'earlyoom-unseen', `${running}, and its log may not be read.`);
  },
});
