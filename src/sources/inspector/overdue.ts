import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, ProcessId } from '../../model/index.ts';
import { closeInspector } from './door.ts';
import type { Listening } from './sockets.ts';

/** A synchronous child process of an agent's tool rarely runs longer; the dead man's switch is as long. */
const GIVE_UP_MS = 15 * 60_000;
const POLL_MS = 500;

interface OverdueDeps {
  readonly clock: Clock;
  readonly isSame: (process: ProcessId) => boolean;
  readonly listening: (pid: number) => readonly Listening[] | null;
}

export interface Overdue {
  /** Closes the inspector of this process as soon as it opens. */
  watch(process: ProcessId, isOurs: (place: Listening) => boolean): void;
  /** Ends all watching. */
  close(): void;
}

/** A process that was signalled while it could not react opens its inspector when it can. It must not stay open. */
export function createOverdue(deps: OverdueDeps): Overdue {
  const ended = new AbortController();

  const wait = async (process: ProcessId, isOurs: (place: Listening) => boolean): Promise<void> => {
    const untilMs = deps.clock.monotonicMs() + GIVE_UP_MS;
    while (!ended.signal.aborted && deps.clock.monotonicMs() < untilMs && deps.isSame(process)) {
      const place = deps.listening(process.pid)?.find(isOurs);
      if (place !== undefined && (await closeInspector(deps, process, place, null))) return;
      await sleep(POLL_MS, undefined, { signal: ended.signal, ref: false }).catch(() => undefined);
    }
  };

  return {
    watch: (process, isOurs) => void wait(process, isOurs),
    close: () => ended.abort(),
  };
}
