import { defineKiller, WEIGHT, weighed } from '../define-killer.ts';
import { isCgroupOom, oomVictim } from '../log-line.ts';
import { isNear } from '../signs.ts';

/** Pressure under which an end without a witness is more likely the OOM killer's: some task waited a tenth of the time. */
const HIGH_PRESSURE_PERCENT = 10;

/** Always SIGKILL, and every one of them is counted: no rise of the count, no such end. */
export const kernelOom = defineKiller({
  killer: 'kernel-oom',
  title: "the kernel's out-of-memory killer",
  weigh(signs) {
    const { exit, oom, kernelLog, process } = signs;
    if (exit !== null && exit.signal !== 'SIGKILL') return null;
    const line = kernelLog?.find(({ atMs, text }) => isNear(atMs, signs) && oomVictim(text) === process.pid);
    if (line !== undefined) {
      const where = isCgroupOom(line.text) ? 'its memory cgroup was at its limit' : 'the machine was out of memory';
      return weighed(WEIGHT.named, 'kernel-log', `The kernel's log says that it killed this process: ${where}.`);
    }
    if (oom.host === 0 || oom.cgroup === 0) return null;
    // A log that was read and does not name it, although it names every victim, leaves little.
    const silent = kernelLog !== null ? 0.02 : 1;
    const share = Math.min(1, (oom.cgroup ?? oom.host ?? 0) / Math.max(1, oom.candidates));
    if (oom.cgroup !== null) {
      const detail = `The count of OOM kills in its memory cgroup rose by ${oom.cgroup}; ${fitting(oom.candidates)}.`;
      return weighed(WEIGHT.counted * share * silent, 'oom-count', detail);
    }
    if (oom.host !== null) {
      const detail = `The kernel's count of OOM kills rose by ${oom.host}; ${fitting(oom.candidates)}.`;
      return weighed(WEIGHT.counted * 0.5 * share * silent, 'oom-count', detail);
    }
    const pressed = (signs.pressureSomePercent ?? 0) >= HIGH_PRESSURE_PERCENT;
    return weighed(
      (pressed ? WEIGHT.fits : WEIGHT.possible) * silent,
      'oom-unseen',
      "The kernel's count of OOM kills cannot be read here.",
    );
  },
});

const fitting = (candidates: number): string =>
  candidates <= 1 ? 'no other watched process ended then' : `${candidates} watched processes ended then`;
