import type { AlertBook, ChannelHealth, Clock, Notification } from '../model/index.ts';
import type { Channel, Traits } from './channel.ts';
import { asFailure, type SendFailure } from './failure.ts';
import type { Outbox } from './outbox.ts';
import { createRecord } from './record.ts';
import type { Dedup } from './stages/dedup.ts';
import type { Rate } from './stages/rate.ts';
import type { Retry } from './stages/retry.ts';
import { createTimer } from './timer.ts';
import type { Moment, Stage, Waiting } from './stages/stage.ts';
import { withDeadline } from './deadline.ts';
import { digest, RANK } from './wording.ts';

/** One channel with its own queue: whatever happens to it, nothing else waits. */
export interface Lane {
  offer(notification: Notification): void;
  /** Bypasses the queue: once, now. Answers with what the other side said; rejects with why it failed. */
  test(notification: Notification): Promise<string>;
  /** Takes up again what was given up. */
  revive(notifications: readonly Notification[]): void;
  start(): void;
  health(): Pick<ChannelHealth, Exclude<keyof ChannelHealth, 'name'>>;
  /** Waits for what is being sent, at most `graceMs`. What is durable stays in the outbox. */
  close(graceMs: number): Promise<void>;
}

export interface LaneOptions {
  readonly name: string;
  readonly channel: Channel;
  readonly traits: Traits;
  readonly clock: Clock;
  readonly book: AlertBook;
  /** mute, inhibit, group, dedup. */
  readonly before: Stage;
  readonly dedup: Dedup;
  readonly rate: Rate;
  readonly retry: Retry;
  /** Null: the channel is not durable. */
  readonly outbox: Outbox | null;
  /** What identifies the receiver: another one is not disabled by what this one asked for. */
  readonly target: string;
  readonly maxWaiting: number;
  readonly onProblem: (error: unknown) => void;
}

export function createLane(options: LaneOptions): Lane {
  const { name, channel, traits, clock, book, before, dedup, rate, retry, outbox, target } = options;
  const record = createRecord(name, outbox);
  const closing = new AbortController();
  const timer = createTimer(clock);
  const waiting: Waiting[] = (outbox?.pending(name) ?? []).map((pending) => ({ ...pending }));
  let disabled = outbox?.disabledTarget(name) === target;
  let failures = 0;
  let pausedUntilMs = 0;
  let refreshAtMs = 0;
  let running: Promise<void> | null = null;
  let started = false;
  let isWanted = false;

  const take = (item: Waiting): void => void waiting.splice(waiting.indexOf(item), 1);

  const push = (notification: Notification): void => {
    const nowMs = clock.nowMs();
    waiting.push({ notification, acceptedAtMs: nowMs, attempts: 0, dueAtMs: nowMs });
    while (waiting.length > options.maxWaiting) {
      // The least grave, and of those the oldest.
      const [least] = waiting.toSorted((a, b) => RANK[a.notification.level] - RANK[b.notification.level]);
      if (least === undefined) break;
      take(least);
      record.dropped(least);
    }
  };

  /** Until nothing is due. One at a time, so that a receiver sees things in their order. */
  const run = async (): Promise<void> => {
    let waitMs: number | null = 0;
    while (waitMs === 0 && !closing.signal.aborted) waitMs = await step();
    if (waitMs !== null && !closing.signal.aborted) timer.set(waitMs, wake);
  };

  const wake = (): void => {
    if (!started || closing.signal.aborted) return;
    isWanted = running !== null;
    if (isWanted) return;
    timer.clear();
    running = run()
      .catch(options.onProblem)
      .finally(() => {
        running = null;
        // Something came while the last step ended.
        if (isWanted) wake();
      });
  };

  /** One send at most. Answers how long to wait for the next step: 0 at once, null until somebody comes. */
  const step = async (): Promise<number | null> => {
    const nowMs = clock.nowMs();
    if (disabled) {
      for (const item of waiting.splice(0)) record.gaveUp(item, 'the receiver asked for no more', nowMs);
      return null;
    }
    if (traits.refreshMs !== null && nowMs >= refreshAtMs) {
      await refresh(traits.refreshMs);
      return 0;
    }
    const untilRefresh = traits.refreshMs === null ? null : refreshAtMs - nowMs;
    if (pausedUntilMs > nowMs) return least(pausedUntilMs - nowMs, untilRefresh);
    const { batch, waitMs } = choose({ nowMs, book, waiting });
    if (batch.length === 0) return least(waitMs, untilRefresh);
    await attempt(batch);
    return 0;
  };

  /** What goes out now: one, or with a digest all that wait. What the stages stop is settled on the way. */
  const choose = (moment: Moment): { batch: Chosen[]; waitMs: number | null } => {
    let waitMs: number | null = null;
    const batch: Chosen[] = [];
    const byLevel = waiting.toSorted((a, b) => RANK[b.notification.level] - RANK[a.notification.level]);
    for (const item of traits.digestMs > 0 ? [...waiting] : byLevel) {
      if (retry.isTooOld(moment.nowMs - item.acceptedAtMs)) {
        take(item);
        record.gaveUp(item, record.health().lastError ?? 'it waited too long', moment.nowMs);
        continue;
      }
      if (item.dueAtMs > moment.nowMs) {
        waitMs = least(waitMs, item.dueAtMs - moment.nowMs);
        continue;
      }
      const judgement = before.judge(item, item.notification, moment);
      if ('stop' in judgement) {
        take(item);
        record.stopped(item, judgement.stop);
        if (WITHHELD.has(judgement.stop)) dedup.settled(item.notification, null, book);
      } else if ('waitMs' in judgement) {
        waitMs = least(waitMs, judgement.waitMs);
      } else {
        batch.push({ item, notification: judgement.go });
        if (traits.digestMs === 0) break;
      }
    }
    const [first] = batch;
    if (first === undefined) return { batch, waitMs };
    const whole = digest(batch.map(({ notification }) => notification));
    const oldestMs = Math.min(...batch.map(({ item }) => item.acceptedAtMs));
    const gatherMs = whole.level === 'warning' ? oldestMs + traits.digestMs - moment.nowMs : 0;
    if (gatherMs > 0) return { batch: [], waitMs: least(waitMs, gatherMs) };
    const paced = rate.judge(first.item, whole, moment);
    return 'waitMs' in paced ? { batch: [], waitMs: least(waitMs, paced.waitMs) } : { batch, waitMs };
  };

  const attempt = async (batch: readonly Chosen[]): Promise<void> => {
    const items = batch.map(({ item }) => item);
    try {
      const whole = digest(batch.map(({ notification }) => notification));
      await withDeadline(traits.timeoutMs, closing.signal, (signal) => channel.send(whole, signal));
      failures = 0;
      rate.spend(clock.nowMs());
      for (const { item, notification } of batch) {
        take(item);
        record.sent(item, clock.nowMs());
        dedup.settled(item.notification, notification, book);
      }
    } catch (cause) {
      // Our own end is nobody's failure: it is sent after the next start.
      if (closing.signal.aborted) return;
      afterFailure(items, asFailure(cause));
    }
  };

  const afterFailure = (items: readonly Waiting[], failure: SendFailure): void => {
    const nowMs = clock.nowMs();
    if (failure.kind === 'unreachable') failures += 1;
    for (const item of items) {
      item.attempts += 1;
      const count = failure.kind === 'unreachable' ? failures : item.attempts;
      const next = retry.after(failure, count, nowMs - item.acceptedAtMs);
      if ('retryInMs' in next) {
        item.dueAtMs = nowMs + next.retryInMs;
        if (next.all) pausedUntilMs = item.dueAtMs;
        continue;
      }
      take(item);
      record.gaveUp(item, 'giveUp' in next ? next.giveUp : next.disable, nowMs);
      if ('disable' in next) {
        disabled = true;
        outbox?.disable(name, target);
      }
    }
    record.failed(
      items.filter((item) => waiting.includes(item)),
      failure.message,
    );
  };

  const refresh = async (everyMs: number): Promise<void> => {
    refreshAtMs = clock.nowMs() + everyMs;
    try {
      await withDeadline(traits.timeoutMs, closing.signal, async (signal) => channel.refresh?.(signal));
      record.aside(null);
    } catch (cause) {
      if (!closing.signal.aborted) record.aside(asFailure(cause).message);
    }
  };

  return {
    offer(notification) {
      if (closing.signal.aborted || (notification.kind === 'resolved' && !traits.sendResolved)) return;
      // Handed on a second time after a crash.
      if (waiting.some((item) => item.notification.id === notification.id)) return;
      push(notification);
      wake();
    },
    async test(notification) {
      try {
        const said = await withDeadline(traits.timeoutMs, closing.signal, (signal) =>
          channel.send(notification, signal),
        );
        if (disabled) outbox?.disable(name, null);
        disabled = false;
        [failures, pausedUntilMs] = [0, 0];
        record.aside(null);
        wake();
        return said;
      } catch (cause) {
        record.aside(asFailure(cause).message);
        throw cause;
      }
    },
    revive(notifications) {
      pausedUntilMs = 0;
      for (const notification of notifications) push(notification);
      wake();
    },
    start() {
      started = true;
      wake();
    },
    health() {
      const counts = record.health();
      const next = timer.dueMs();
      const state = disabled ? 'disabled' : counts.lastError !== null ? 'failing' : 'ok';
      return { ...counts, state, waiting: waiting.length, nextAttemptMs: waiting.length === 0 ? null : next };
    },
    async close(graceMs) {
      timer.clear();
      started = false;
      const busy = running;
      if (busy !== null) await Promise.race([busy, new Promise((resolve) => setTimeout(resolve, graceMs).unref())]);
      closing.abort();
      await busy;
      if (outbox === null) for (const item of waiting.splice(0)) record.dropped(item);
      await channel.close();
    },
  };
}

interface Chosen {
  readonly item: Waiting;
  /** As the stages left it. */
  readonly notification: Notification;
}

/** Stops after which the receiver need not hear of the end either. */
const WITHHELD: ReadonlySet<string> = new Set(['silenced', 'acknowledged', 'inhibited', 'below-level']);

const least = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.min(a, b));
