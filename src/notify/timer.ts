import type { Clock } from '../model/index.ts';

/** One alarm, which keeps no process alive. */
export interface Timer {
  set(inMs: number, call: () => void): void;
  clear(): void;
  isSet(): boolean;
  /** On the wall clock; null: none is set. */
  dueMs(): number | null;
}

/** A wall clock that jumps, or a suspend, delays nothing longer than this. */
const LONGEST_MS = 60_000;

export function createTimer(clock: Clock): Timer {
  let handle: NodeJS.Timeout | null = null;
  let dueAtMs: number | null = null;
  const clear = (): void => {
    if (handle !== null) clearTimeout(handle);
    handle = null;
    dueAtMs = null;
  };
  return {
    clear,
    set(inMs, call) {
      clear();
      dueAtMs = clock.nowMs() + inMs;
      handle = setTimeout(
        () => {
          clear();
          call();
        },
        Math.min(inMs, LONGEST_MS),
      );
      handle.unref();
    },
    isSet: () => handle !== null,
    dueMs: () => dueAtMs,
  };
}
