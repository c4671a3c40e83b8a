import type { DeadLetter, Notification } from '../model/index.ts';
import type { LineFile } from './outbox-file.ts';
import { createOutboxState, type Pending, type Row } from './outbox-rows.ts';

/**
 * What durable channels still have to send, kept over kill -9 and restarts. A row is on disk before the first attempt, and
 * one after each confirmation, so that a notification goes out at least once, and a second time under the same id only
 * when the end came between the receiver's answer and our row, or while the disk took no rows.
 */
export interface Outbox {
  accept(notification: Notification, channels: readonly string[], atMs: number): void;
  failed(id: string, channel: string, attempts: number, dueAtMs: number): void;
  /** 'sent', or why it was stopped. */
  done(id: string, channel: string, how: string): void;
  died(id: string, channel: string, atMs: number, attempts: number, reason: string): void;
  /** What waits for channels that the configuration no longer has, since before `sinceMs`, is given up. */
  abandon(present: readonly string[], sinceMs: number, nowMs: number): void;
  /** Dead letters of these channels wait again, under their old ids; says which. */
  revive(channels: readonly string[], atMs: number): DeadLetter[];
  disable(channel: string, target: string | null): void;
  pending(channel: string): Pending[];
  confirmed(channel: string): string[];
  dead(): DeadLetter[];
  disabledTarget(channel: string): string | null;
  /** Why rows cannot be written at present; null: they can. */
  error(): string | null;
  /** Writes what could not be written before. */
  flush(): void;
  close(): void;
}

/** Rewritten when this large, and half of it says nothing any more. */
const COMPACT_BYTES = 512 * 1024;
/** Rows that wait for a disk that is full; beyond it the oldest are given up, and a restart may send twice. */
const MAX_UNWRITTEN = 1_000;

export function createOutbox(file: LineFile, onProblem: (error: unknown) => void): Outbox {
  const state = createOutboxState();
  let unwritten: string[] = [];
  let problem: string | null = null;
  /** Size after the last rewriting: what is alive. */
  let liveBytes = 0;

  try {
    for (const line of file.read()) {
      const row = parse(line);
      if (row !== null) state.apply(row);
    }
  } catch (cause) {
    report(cause);
  }
  compact();

  function report(cause: unknown): void {
    problem = cause instanceof Error ? cause.message : String(cause);
    onProblem(cause);
  }

  function compact(): void {
    if (file.bytes() < COMPACT_BYTES || file.bytes() < 2 * liveBytes) return;
    try {
      file.replace(lines(state.rows().map((row) => JSON.stringify(row))));
      liveBytes = file.bytes();
      unwritten = [];
      problem = null;
    } catch (cause) {
      // The old file still says the same.
      liveBytes = file.bytes();
      report(cause);
    }
  }

  function flush(): void {
    if (unwritten.length === 0) return;
    try {
      file.append(lines(unwritten));
      unwritten = [];
      problem = null;
    } catch (cause) {
      if (unwritten.length > MAX_UNWRITTEN) unwritten = unwritten.slice(-MAX_UNWRITTEN);
      report(cause);
    }
  }

  function write(row: Row): void {
    state.apply(row);
    unwritten.push(JSON.stringify(row));
    flush();
    compact();
  }

  return {
    accept: (notification, channels, atMs) => write({ op: 'new', atMs, channels, notification }),
    failed: (id, channel, attempts, dueAtMs) => write({ op: 'failed', id, channel, attempts, dueAtMs }),
    done: (id, channel, how) => write({ op: 'done', id, channel, how }),
    died: (id, channel, atMs, attempts, reason) => write({ op: 'dead', id, channel, atMs, attempts, reason }),
    abandon(present, sinceMs, nowMs) {
      for (const channel of state.channels().filter((name) => !present.includes(name))) {
        for (const { notification, acceptedAtMs, attempts } of state.pending(channel)) {
          if (acceptedAtMs >= sinceMs) continue;
          write({ op: 'dead', id: notification.id, channel, atMs: nowMs, attempts, reason: 'no longer configured' });
        }
      }
    },
    revive(channels, atMs) {
      const letters = state.dead().filter((letter) => channels.includes(letter.channel));
      for (const { id, channel } of letters) write({ op: 'again', id, channel, atMs });
      return letters;
    },
    disable: (channel, target) => write({ op: 'disabled', channel, target }),
    pending: (channel) => state.pending(channel),
    confirmed: (channel) => state.confirmed(channel),
    dead: () => state.dead(),
    disabledTarget: (channel) => state.disabledTarget(channel),
    error: () => problem,
    flush,
    close() {
      flush();
      file.close();
    },
  };
}

const lines = (rows: readonly string[]): string => rows.map((row) => `${row}\n`).join('');

const OPS = new Set(['new', 'failed', 'done', 'dead', 'again', 'disabled']);

/** Our own file, but a crash may have torn it and a hand may have edited it. */
function parse(line: string): Row | null {
  try {
    const row = JSON.parse(line) as Partial<Row> | null;
    if (row === null || typeof row !== 'object' || !OPS.has(row.op ?? '')) return null;
    if (row.op === 'new') {
      const sound = typeof row.notification?.id === 'string' && Array.isArray(row.notification.alerts);
      return sound && Array.isArray(row.channels) && typeof row.atMs === 'number' ? (row as Row) : null;
    }
    return row as Row;
  } catch {
    return null;
  }
}
