import type { Rampart, RampartEvent } from '../../model/index.ts';

/** Tells subscribers of a resource that reading it again is worth its price. */
export interface Feed {
  /** Calls back on each meaningful change until the returned function is called. The first listener starts the watch, the last one to leave ends it. */
  listen(listener: () => void): () => void;
}

/** What is news for one resource. `Seen` is what of the last look has to be remembered to tell. */
export interface News<Seen> {
  /** Whether this event by itself is worth a notice. */
  hears(event: RampartEvent): boolean;
  look(rampart: Rampart): Promise<Seen>;
  differs(then: Seen, now: Seen): boolean;
}

export interface FeedOptions {
  readonly rampart: () => Promise<Rampart>;
  /** One notice at most in this time: a burst of changes is one piece of news. */
  readonly minIntervalMs?: number;
  /** How often a look is compared with the one before while somebody listens. */
  readonly compareEveryMs?: number;
  /** How long to wait before the watch is tried again after the service went away. */
  readonly retryMs?: number;
}

export function createFeed<Seen>(news: News<Seen>, options: FeedOptions): Feed {
  const { rampart, minIntervalMs = 5000, compareEveryMs = 30_000, retryMs = 10_000 } = options;
  const listeners = new Set<() => void>();
  let stopWatch: (() => void) | null = null;

  return {
    listen(listener) {
      const own = () => listener();
      listeners.add(own);
      stopWatch ??= watch();
      return () => {
        listeners.delete(own);
        if (listeners.size > 0) return;
        stopWatch?.();
        stopWatch = null;
      };
    },
  };

  /** Watches until stopped; a service that goes away is asked for again. No timer here keeps a process alive. */
  function watch(): () => void {
    let stopped = false;
    let unsubscribe: (() => void) | null = null;
    let known: { readonly seen: Seen } | null = null;
    let pending: NodeJS.Timeout | null = null;
    let lastNoticeMs = Number.NEGATIVE_INFINITY;

    const notify = () => {
      pending = null;
      lastNoticeMs = performance.now();
      for (const listener of listeners) listener();
    };
    const notifySoon = () => {
      if (stopped || pending !== null) return;
      const waitMs = Math.max(0, lastNoticeMs + minIntervalMs - performance.now());
      pending = setTimeout(notify, waitMs);
      pending.unref();
    };
    const compare = async () => {
      const seen = await news.look(await rampart());
      const isNew = known !== null && news.differs(known.seen, seen);
      if (isNew) notifySoon();
      // What was told is what the next look is compared with, so that slow growth adds up to news.
      if (known === null || isNew) known = { seen };
    };
    const subscribe = async () => {
      const stop = await (
        await rampart()
      ).subscribe((event) => {
        if (news.hears(event)) notifySoon();
      });
      if (stopped) stop();
      else unsubscribe = stop;
    };
    const attempt = () => {
      const work = unsubscribe === null ? subscribe().then(compare) : compare();
      work.then(
        () => schedule(compareEveryMs),
        () => {
          unsubscribe?.();
          unsubscribe = null;
          schedule(retryMs);
        },
      );
    };
    let timer: NodeJS.Timeout | null = null;
    const schedule = (delayMs: number) => {
      if (stopped) return;
      timer = setTimeout(attempt, delayMs);
      timer.unref();
    };
    attempt();
    return () => {
      stopped = true;
      unsubscribe?.();
      if (timer !== null) clearTimeout(timer);
      if (pending !== null) clearTimeout(pending);
    };
  }
}
