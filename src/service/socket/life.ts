/** When a service ends: a signal, its last client gone for a while, a newer version, or a lock that it lost. */

export interface LifeOptions {
  readonly mode: 'foreground' | 'background';
  /** Called when ending takes longer than anybody should wait: leave now, by force. */
  readonly onOverdue: () => void;
}

export interface Life {
  /** Resolves once, with the reason to end. */
  readonly over: Promise<string>;
  /** From now on: a background service stays `lingerMs` after its last client, and only while `isSound()`. */
  settle(lingerMs: number, isSound: () => boolean): void;
  clients(count: number): void;
  end(reason: string): void;
  /** Stops the timers and gives the signals back. */
  dispose(): void;
}

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** A cleaner of temporary files or a logout took our socket: seen soon enough that two services overlap for seconds only. */
const SOUND_CHECK_MS = 2_000;
/** Whoever sends TERM wants us gone within a second; what is not flushed by then is lost as by kill -9. */
const OVERDUE_MS = 900;

export function createLife({ mode, onOverdue }: LifeOptions): Life {
  let resolveOver: (reason: string) => void = () => undefined;
  const over = new Promise<string>((resolve) => (resolveOver = resolve));
  let linger: NodeJS.Timeout | null = null;
  let soundCheck: NodeJS.Timeout | null = null;
  let overdue: NodeJS.Timeout | null = null;
  let settledLingerMs: number | null = null;

  const end = (reason: string): void => {
    overdue ??= setTimeout(onOverdue, OVERDUE_MS);
    resolveOver(reason);
  };

  const clients = (count: number): void => {
    if (linger !== null) clearTimeout(linger);
    linger = null;
    if (mode === 'foreground' || count > 0 || settledLingerMs === null || overdue !== null) return;
    const lingerMs = settledLingerMs;
    linger = setTimeout(() => end(`no client for ${lingerMs} ms`), lingerMs);
  };

  const onSignal = (signal: NodeJS.Signals): void => end(signal);
  for (const signal of SIGNALS) process.on(signal, onSignal);

  return {
    over,
    clients,
    end,
    settle: (lingerMs, isSound) => {
      settledLingerMs = lingerMs;
      // Nobody may ever come: the client that started us can be killed before it connects.
      clients(0);
      soundCheck = setInterval(() => {
        if (!isSound()) end('the socket or the lock was removed by others');
      }, SOUND_CHECK_MS);
    },
    dispose: () => {
      for (const timer of [linger, soundCheck, overdue]) if (timer !== null) clearTimeout(timer);
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
