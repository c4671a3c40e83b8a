import type { Rampart, RampartEvent, SessionReport, StatusReport } from '../../model/index.ts';

/** Tells subscribers of `memory://status` that reading it again is worth its price. */
export interface StatusFeed {
  /** Calls back on each meaningful change until the returned function is called. The first listener starts the watch, the last one to leave ends it. */
  listen(listener: () => void): () => void;
}

export interface StatusFeedOptions {
  readonly rampart: () => Promise<Rampart>;
  /** One notice at most in this time: a burst of sessions that start is one piece of news. */
  readonly minIntervalMs?: number;
  /** How often sizes are compared while somebody listens: a status reads the PSS of every session tree. */
  readonly compareEveryMs?: number;
  /** How long to wait before the watch is tried again after the service went away. */
  readonly retryMs?: number;
}

/** A session that grew or shrank by a quarter, and by what a small agent weighs at all, is news; less is breathing. */
const NEWS_RATIO = 1.25;
const NEWS_BYTES = 64 * 1024 * 1024;

export function createStatusFeed(options: StatusFeedOptions): StatusFeed {
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
    let known: Known | null = null;
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
    const onEvent = (event: RampartEvent) => {
      if (event.type === 'severity' || event.type === 'session:started' || event.type === 'session:ended') notifySoon();
    };
    const compare = async () => {
      const now = remember(await (await rampart()).status());
      if (known !== null && isNews(known, now)) notifySoon();
      // What was told is what the next look is compared with, so that slow growth adds up to news.
      if (known === null || isNews(known, now)) known = now;
    };
    const subscribe = async () => {
      const stop = await (await rampart()).subscribe(onEvent);
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

interface Known {
  readonly severity: StatusReport['severity'];
  readonly sessions: ReadonlyMap<string, Pick<SessionReport, 'verdict' | 'totalBytes'>>;
}

function remember(report: StatusReport): Known {
  return {
    severity: report.severity,
    sessions: new Map(
      report.sessions.map(({ sessionId, verdict, totalBytes }) => [sessionId, { verdict, totalBytes }]),
    ),
  };
}

/** Pure: whether `now` differs from `then` enough to tell. Busy and idle come and go and are no news. */
function isNews(then: Known, now: Known): boolean {
  if (then.severity !== now.severity || then.sessions.size !== now.sessions.size) return true;
  for (const [id, session] of now.sessions) {
    const before = then.sessions.get(id);
    if (before === undefined || calm(before.verdict) !== calm(session.verdict)) return true;
    const [from, to] = [before.totalBytes, session.totalBytes];
    if (from === null || to === null) continue;
    if (Math.abs(to - from) >= NEWS_BYTES && Math.max(to, from) >= NEWS_RATIO * Math.min(to, from)) return true;
  }
  return false;
}

function calm(verdict: SessionReport['verdict']): string {
  return verdict === 'busy' || verdict === 'idle' || verdict === 'unknown' ? 'well' : verdict;
}
