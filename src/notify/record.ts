import type { ChannelHealth, Notification, StopReason } from '../model/index.ts';
import type { Outbox } from './outbox.ts';
import type { Waiting } from './stages/stage.ts';

/** The last stage: what became of each notification is counted, and of a durable channel written down. */
export interface Record {
  stopped(item: Waiting, reason: StopReason): void;
  sent(item: Waiting, nowMs: number): void;
  /** One attempt at these; they are tried again. */
  failed(items: readonly Waiting[], error: string): void;
  /** Given up: a dead letter where there is an outbox, else lost. */
  gaveUp(item: Waiting, reason: string, nowMs: number): void;
  dropped(item: Waiting): void;
  /** A test or a refreshment, which is no notification. */
  aside(error: string | null): void;
  health(): Pick<ChannelHealth, 'sent' | 'failed' | 'dropped' | 'stopped' | 'lastError' | 'lastSentMs'>;
}

/** Errors of others go to `doctor` and the log: one readable line. */
export function createRecord(channel: string, outbox: Outbox | null): Record {
  let [sent, failed, dropped] = [0, 0, 0];
  let lastError: string | null = null;
  let lastSentMs: number | null = null;
  const stopped: Partial<{ [R in StopReason]: number }> = {};
  const idOf = ({ notification }: Waiting): Notification['id'] => notification.id;

  return {
    stopped(item, reason) {
      stopped[reason] = (stopped[reason] ?? 0) + 1;
      outbox?.done(idOf(item), channel, reason);
    },
    sent(item, nowMs) {
      sent += 1;
      lastError = null;
      lastSentMs = nowMs;
      outbox?.done(idOf(item), channel, 'sent');
    },
    failed(items, error) {
      failed += 1;
      lastError = error;
      for (const item of items) outbox?.failed(idOf(item), channel, item.attempts, item.dueAtMs);
    },
    gaveUp(item, reason, nowMs) {
      if (outbox === null) dropped += 1;
      else outbox.died(idOf(item), channel, nowMs, item.attempts, reason);
    },
    dropped(item) {
      dropped += 1;
      outbox?.done(idOf(item), channel, 'dropped');
    },
    aside(error) {
      if (error !== null) failed += 1;
      lastError = error;
    },
    health: () => ({ sent, failed, dropped, stopped: { ...stopped }, lastError, lastSentMs }),
  };
}
