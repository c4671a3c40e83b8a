import type { ProcessId } from '../model/index.ts';
import { defineAction, done, each, notDone, refusalOf, refuse, type Doing } from './define.ts';
import { isAlive } from './host/host.ts';

/** Stops and goes on in microseconds; what waits for a device stops when that answers. */
const STOP_WAIT_MS = 1_000;
const POLL_MS = 20;

/** It frees nothing by itself: it keeps a process from growing while somebody looks. */
export const suspend = defineAction({
  name: 'suspend',
  does: 'Stops a process where it is (SIGSTOP). It frees nothing, and grows no more until it is resumed.',
  needs: 'a process that is not stopped yet',
  risk: 'medium',
  reversible: true,
  aim: 'control',
  ends: false,
  available: async (target, { host }) =>
    host.identity(target.pid)?.isStopped === true
      ? refuse('nothing-to-do', 'It is stopped already.', 'Use resume to let it go on.')
      : null,
  plan: () => ['Check its identity again.', 'Send SIGSTOP.', 'See that it stands still.'],
  run: (selected, doing) =>
    each(selected, doing, async (target) => {
      const touch = doing.signal(target, 'SIGSTOP', 'suspend');
      if (touch !== 'sent') return notDone(target, refusalOf(touch, target));
      doing.restorable({ process: target, what: 'running', place: null, value: 'running' });
      const stands = await standsStill(target, doing);
      return done(target, stands ? 'Stands still.' : 'Got SIGSTOP; it stops when what it waits for answers.');
    }),
  undo: async ({ process }, { signal }) => {
    const touch = signal(process, 'SIGCONT', 'undo of suspend');
    return touch === 'sent' ? done(process, 'Goes on.') : notDone(process, refusalOf(touch, process));
  },
});

async function standsStill(target: ProcessId, { host, clock }: Doing): Promise<boolean> {
  const deadlineMs = clock.monotonicMs() + STOP_WAIT_MS;
  while (host.identity(target.pid)?.isStopped !== true) {
    if (clock.monotonicMs() > deadlineMs || !isAlive(host, target)) return false;
    await host.sleep(POLL_MS);
  }
  return true;
}
