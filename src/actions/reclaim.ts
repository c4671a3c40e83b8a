import { defineAction, done, each, notDone, refuse } from './define.ts';
import { footprintBytes } from './target.ts';
import { bytesText } from './words.ts';

/** Asking for all would also take what it works with; what it needs comes back from swap at once. */
const USUAL_SHARE = 0.5;

export const reclaim = defineAction({
  name: 'reclaim',
  does: "Asks the kernel to take memory from a process's cgroup: cold pages go to swap, or are dropped.",
  needs: 'cgroup v2 with a writable memory.reclaim (Linux 5.19), and swap for anonymous memory',
  risk: 'medium',
  reversible: false,
  aim: 'memory',
  ends: false,
  available: async (target, { host, view }) => {
    const place = host.cgroup(target);
    if (place === null || !place.hasMemory || host.readCgroup(place, 'memory.current') === null) {
      return refuse(
        'unavailable',
        'Its memory is in no cgroup of version 2 here.',
        'Use force_gc, or reap what is idle.',
      );
    }
    const others = (host.readCgroup(place, 'cgroup.procs') ?? '').split('\n').filter((pid) => pid !== '');
    if (others.some((pid) => Number(pid) !== target.pid)) {
      return refuse(
        'unavailable',
        `Its cgroup holds ${others.length} processes; all of them would lose memory.`,
        'Give it one of its own first: rampart limit.',
      );
    }
    return view.host.swapFreeBytes > 0
      ? null
      : refuse('no-headroom', 'No swap is free: only page cache could be taken.', 'Add swap (zram).');
  },
  plan: (target, { parameters: { bytes } }) => [
    'Check its identity again.',
    `Write ${bytesText(bytes ?? Math.round(footprintBytes(target) * USUAL_SHARE))} to memory.reclaim of its cgroup.`,
  ],
  run: (selected, doing) =>
    each(selected, doing, (target) => {
      const { host, parameters } = doing;
      const place = host.cgroup(target);
      if (place === null) return notDone(target, refuse('gone', 'It has ended.', 'Nothing is left to do.'));
      const bytes = parameters.bytes ?? Math.round(footprintBytes(target) * USUAL_SHARE);
      doing.step(target.id, `memory.reclaim ${bytes}`);
      const written = host.writeCgroup(place, 'memory.reclaim', String(bytes));
      // EAGAIN: less than that could be taken, as cgroup-v2's documentation says.
      if (written === 'ok') return done(target, `The kernel took ${bytesText(bytes)}.`);
      if (written.problem === 'EAGAIN') return done(target, `The kernel took less than ${bytesText(bytes)}.`);
      return notDone(
        target,
        refuse('unavailable', `memory.reclaim may not be written (${written.problem}).`, 'Delegate it.'),
      );
    }),
});
