import type { RampartEvent } from '../../model/index.ts';

type ProgressEvent = Omit<Extract<RampartEvent, { type: 'progress' }>, 'atMs'>;

/** How far a long call is, told to whoever named its ticket. */
export interface Progress {
  say(done: number, total: number | null, message: string): void;
}

/** A snapshot tells of its progress a hundred times a second. */
const SPACING_MS = 200;

export function createProgress(ticket: string | undefined, publish: (event: ProgressEvent) => void): Progress {
  let saidAtMs = Number.NEGATIVE_INFINITY;
  let last = '';
  return {
    say(done, total, message) {
      const nowMs = performance.now();
      if (ticket === undefined || (message === last && nowMs - saidAtMs < SPACING_MS)) return;
      saidAtMs = nowMs;
      last = message;
      publish({ type: 'progress', ticket, done, total, message });
    },
  };
}
