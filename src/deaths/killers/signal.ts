import type { Evidence } from '../../model/index.ts';
import { defineKiller, WEIGHT } from '../define-killer.ts';
import { isFault, signalOf } from '../exit-status.ts';

/** Somebody sent a signal: a person, a shell, its parent. The kernel tells nobody who. */
export const signal = defineKiller({
  killer: 'signal',
  title: 'a signal from somebody else',
  weigh({ exit, oom, tasks, userGone }) {
    const name = exit === null ? null : signalOf(exit);
    if (exit !== null && (name === null || isFault(name))) return null;
    const evidence: Evidence[] = [];
    if (exit !== null && exit.signal === null) {
      evidence.push({ kind: 'caught', detail: `Programs that catch ${name} leave with such a code.` });
    }
    if (name === 'SIGKILL' && oom.host === 0) {
      evidence.push({
        kind: 'no-oom',
        detail: "The kernel's count of OOM kills did not rise, so it was not the kernel.",
      });
    }
    if (name === 'SIGPIPE')
      evidence.push({ kind: 'closed-pipe', detail: 'It wrote to a pipe that nobody read any more.' });
    if (userGone) evidence.push({ kind: 'user-gone', detail: 'Its agent ended before it or with it.' });
    if (tasks?.stopAsked === true) {
      evidence.push({ kind: 'stop-asked', detail: 'Claude Code was asked to stop this background command.' });
      return { weight: WEIGHT.counted, evidence };
    }
    if (exit === null) return { weight: WEIGHT.possible, evidence };
    // A code above 128 is the program's own word for it.
    return { weight: exit.signal === null ? WEIGHT.fits * 0.7 : WEIGHT.fits, evidence };
  },
});
