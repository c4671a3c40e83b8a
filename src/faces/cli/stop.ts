import process from 'node:process';

type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

const SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** A wish to stop: from a signal, a key, or the end of what was waited for. The first one counts. */
export interface Stop {
  readonly wanted: Promise<StopSignal | null>;
  /** Whether it has been asked for yet. */
  isWanted(): boolean;
  /** Stops without a signal. */
  now(): void;
  /** Signals mean again what they meant before. */
  dispose(): void;
}

export function listenForStop(): Stop {
  let wanted = false;
  let settle: (signal: StopSignal | null) => void = () => undefined;
  const promise = new Promise<StopSignal | null>((resolve) => (settle = resolve));
  const stop = (signal: StopSignal | null): void => {
    wanted = true;
    settle(signal);
  };
  const listeners = SIGNALS.map((signal) => ({ signal, listener: () => stop(signal) }));
  for (const { signal, listener } of listeners) process.on(signal, listener);
  return {
    wanted: promise,
    isWanted: () => wanted,
    now: () => stop(null),
    dispose: () => {
      for (const { signal, listener } of listeners) process.off(signal, listener);
    },
  };
}

/** Resolves after `ms`, or at once when a stop is wanted. */
export async function pause(ms: number, stop: Stop): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([new Promise((resolve) => (timer = setTimeout(resolve, ms))), stop.wanted]);
  clearTimeout(timer);
}
