/** When a service ends: a signal, its last client gone for a while, a newer version, or a lock that it lost. */

export interface LifeOptions {
  readonly mode: 'foreground' | 'background';
  /** A background service stays for so long after its last client. */
  readonly lingerMs: number;
  /** False when others cannot find us any more, or can be elected beside us. */
  readonly isSound: () => boolean;
}

export interface Life {
  /** Resolves once, with the reason to end. */
  readonly ended: Promise<string>;
  clients(count: number): void;
  end(reason: string): void;
  /** Stops the timers and gives the signals back. */
  dispose(): void;
}

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** A cleaner of temporary files or a logout took our socket: seen soon enough that two services overlap for seconds only. */
const SOUND_CHECK_MS = 2_000;

export function createLife({ mode, lingerMs, isSound }: LifeOptions): Life {
  const { promise, resolve } = Promise.withResolvers<string>();
  let linger: NodeJS.Timeout | null = null;

  const clients = (count: number): void => {
    if (linger !== null) clearTimeout(linger);
    linger = null;
    if (mode === 'foreground' || count > 0) return;
    linger = setTimeout(() => resolve(`no client for ${lingerMs} ms`), lingerMs);
  };

  const onSignal = (signal: NodeJS.Signals): void => resolve(signal);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  const soundCheck = setInterval(() => {
    if (!isSound()) resolve('the socket or the lock was removed by others');
  }, SOUND_CHECK_MS);

  // Nobody may ever come: a client that started us can be killed before it connects.
  clients(0);
  return {
    ended: promise,
    clients,
    end: resolve,
    dispose: () => {
      if (linger !== null) clearTimeout(linger);
      clearInterval(soundCheck);
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
