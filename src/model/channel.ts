import type { AlertLevel } from './alert.ts';

/** Why a notification did not leave by a channel. */
export const STOP_REASONS = [
  /** The channel takes graver ones only (`minLevel`). */
  'below-level',
  'silenced',
  'acknowledged',
  'inhibited',
  /** All of its alerts ended while it waited; their end is told instead. */
  'resolved-meanwhile',
  /** A newer one of the same group, which holds all its alerts, waits behind it. */
  'superseded',
  /** This channel has confirmed this id before. */
  'already-sent',
  /** An end of something that this channel was never told of. */
  'never-told',
] as const;
export type StopReason = (typeof STOP_REASONS)[number];

/** How a channel fares, for `doctor`. */
export interface ChannelHealth {
  readonly name: string;
  /** 'unavailable': it could not be opened; 'disabled': its receiver asked for no more (HTTP 410). */
  readonly state: 'ok' | 'failing' | 'disabled' | 'unavailable';
  readonly sent: number;
  /** Attempts that failed. */
  readonly failed: number;
  readonly waiting: number;
  /** Lost because too many waited, or because no attempt succeeded in time and there is no outbox to keep them. */
  readonly dropped: number;
  readonly stopped: Readonly<Partial<Record<StopReason, number>>>;
  /** Cleaned and without secrets. */
  readonly lastError: string | null;
  readonly lastSentMs: number | null;
  /** When the next attempt is due; null: nothing waits for one. */
  readonly nextAttemptMs: number | null;
}

/** A notification that was given up. It can be sent again with the same id. */
export interface DeadLetter {
  readonly id: string;
  readonly channel: string;
  readonly level: AlertLevel;
  readonly title: string;
  readonly atMs: number;
  readonly diedAtMs: number;
  readonly attempts: number;
  readonly reason: string;
}

export interface ChannelReport {
  readonly schemaVersion: 1;
  readonly atMs: number;
  readonly channels: readonly ChannelHealth[];
  /** Newest first. */
  readonly deadLetters: readonly DeadLetter[];
  /** Why the outbox cannot be written; null: it can, or no channel needs one. */
  readonly outboxError: string | null;
}

export interface ChannelTestOrder {
  readonly channel: string;
}

export interface ChannelTest {
  readonly channel: string;
  readonly delivered: boolean;
  readonly tookMs: number;
  /** What the channel said, or why it failed. */
  readonly detail: string;
}

export interface ReplayOrder {
  /** One channel's dead letters only. */
  readonly channel?: string | undefined;
}
