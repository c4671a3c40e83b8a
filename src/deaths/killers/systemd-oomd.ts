import { defineKiller, WEIGHT, weighed } from '../define-killer.ts';
import { oomdKilled } from '../log-line.ts';
import { isNear } from '../signs.ts';

/** Kills a whole cgroup with SIGKILL, and writes its path. The lowest pressure limit that distributions set is 50 %. */
const OOMD_PRESSURE_PERCENT = 40;

export const systemdOomd = defineKiller({
  killer: 'systemd-oomd',
  title: 'systemd-oomd',
  weigh(signs) {
    const { exit, daemonLog, daemons, process } = signs;
    if (exit !== null && exit.signal !== 'SIGKILL') return null;
    const near = daemonLog?.filter(({ atMs }) => isNear(atMs, signs)) ?? [];
    for (const { text } of near) {
      const named = oomdKilled(text, process.pid, process.cgroup);
      if (named !== null) {
        const what = named === 'pid' ? 'this process' : named === 'cgroup' ? 'its cgroup' : 'its unit';
        return weighed(WEIGHT.named, 'oomd-log', `The journal says that systemd-oomd killed ${what}.`);
      }
    }
    // It runs, it is silent here, and its log was read: it was not this one.
    if (daemons?.systemdOomd === false || daemonLog !== null) return null;
    const pressed = (signs.pressureSomePercent ?? 0) >= OOMD_PRESSURE_PERCENT;
    const running = daemons?.systemdOomd === true ? 'systemd-oomd runs here' : 'systemd-oomd may run here';
    return weighed(pressed ? WEIGHT.fits : WEIGHT.remote, 'oomd-unseen', `${running}, and its log may not be read.`);
  },
});
