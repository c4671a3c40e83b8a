import type { DeadLetter, Notification } from '../model/index.ts';

/**
 * The lines of the outbox, each a JSON object. Replaying them from the first to the last gives what is to be done; a line
 * that is torn or not understood is passed over.
 */
export type Row =
  /** Written before the first attempt. */
  | {
      readonly op: 'new';
      readonly atMs: number;
      readonly channels: readonly string[];
      readonly notification: Notification;
    }
  | {
      readonly op: 'failed';
      readonly id: string;
      readonly channel: string;
      readonly attempts: number;
      readonly dueAtMs: number;
    }
  /** Confirmed, or stopped for the reason given. */
  | { readonly op: 'done'; readonly id: string; readonly channel: string; readonly how: string }
  | {
      readonly op: 'dead';
      readonly id: string;
      readonly channel: string;
      readonly atMs: number;
      readonly attempts: number;
      readonly reason: string;
    }
  | { readonly op: 'again'; readonly id: string; readonly channel: string; readonly atMs: number }
  /** The receiver at `target` (a hash) asked for no more; null: it may be asked again. */
  | { readonly op: 'disabled'; readonly channel: string; readonly target: string | null };

export interface Pending {
  readonly notification: Notification;
  readonly acceptedAtMs: number;
  readonly attempts: number;
  readonly dueAtMs: number;
}

type Standing =
  | { readonly is: 'waiting'; readonly acceptedAtMs: number; readonly attempts: number; readonly dueAtMs: number }
  | { readonly is: 'dead'; readonly atMs: number; readonly attempts: number; readonly reason: string };

interface Entry {
  readonly notification: Notification;
  readonly acceptedAtMs: number;
  readonly channels: Map<string, Standing>;
}

/** Confirmed ids that are remembered of all channels together, so that none goes out twice. */
const MAX_CONFIRMED = 2_000;
/** Dead letters are read by people. */
const MAX_DEAD = 200;

/** What the rows say, taken together. */
export interface OutboxState {
  apply(row: Row): void;
  /** That something is held for. */
  channels(): string[];
  /** Of one channel, oldest first. */
  pending(channel: string): Pending[];
  confirmed(channel: string): string[];
  /** Newest first. */
  dead(): DeadLetter[];
  disabledTarget(channel: string): string | null;
  /** The fewest rows that say the same. */
  rows(): Row[];
}

export function createOutboxState(): OutboxState {
  const entries = new Map<string, Entry>();
  const confirmed = new Map<string, { readonly id: string; readonly channel: string }>();
  const disabled = new Map<string, string>();

  const settle = (id: string, channel: string): void => {
    const entry = entries.get(id);
    entry?.channels.delete(channel);
    if (entry?.channels.size === 0) entries.delete(id);
  };

  const apply = (row: Row): void => {
    switch (row.op) {
      case 'new': {
        const { id } = row.notification;
        // Handed on a second time after a crash: it stands as it did.
        if (entries.has(id)) return;
        const waiting: Standing = { is: 'waiting', acceptedAtMs: row.atMs, attempts: 0, dueAtMs: row.atMs };
        const open = row.channels.filter((channel) => !confirmed.has(`${channel} ${id}`));
        if (open.length === 0) return;
        entries.set(id, {
          notification: row.notification,
          acceptedAtMs: row.atMs,
          channels: new Map(open.map((channel) => [channel, waiting])),
        });
        return;
      }
      case 'failed': {
        const channels = entries.get(row.id)?.channels;
        const before = channels?.get(row.channel);
        if (before?.is !== 'waiting') return;
        channels?.set(row.channel, { ...before, attempts: row.attempts, dueAtMs: row.dueAtMs });
        return;
      }
      case 'done':
        settle(row.id, row.channel);
        if (row.how !== 'sent') return;
        confirmed.set(`${row.channel} ${row.id}`, { id: row.id, channel: row.channel });
        dropOldest(confirmed, MAX_CONFIRMED);
        return;
      case 'dead': {
        const { atMs, attempts, reason } = row;
        const channels = entries.get(row.id)?.channels;
        if (channels?.has(row.channel) === true) channels.set(row.channel, { is: 'dead', atMs, attempts, reason });
        for (const letter of dead().slice(MAX_DEAD)) settle(letter.id, letter.channel);
        return;
      }
      case 'again': {
        const channels = entries.get(row.id)?.channels;
        if (channels?.get(row.channel)?.is !== 'dead') return;
        channels.set(row.channel, { is: 'waiting', acceptedAtMs: row.atMs, attempts: 0, dueAtMs: row.atMs });
        return;
      }
      case 'disabled':
        if (row.target === null) disabled.delete(row.channel);
        else disabled.set(row.channel, row.target);
    }
  };

  const standings = (): { entry: Entry; channel: string; standing: Standing }[] =>
    [...entries.values()].flatMap((entry) =>
      [...entry.channels].map(([channel, standing]) => ({ entry, channel, standing })),
    );

  const dead = (): DeadLetter[] =>
    standings()
      .flatMap(({ entry: { notification }, channel, standing }) => {
        if (standing.is !== 'dead') return [];
        const { id, level, title, atMs } = notification;
        const { attempts, reason, atMs: diedAtMs } = standing;
        return [{ id, channel, level, title, atMs, diedAtMs, attempts, reason }];
      })
      .toSorted((a, b) => b.diedAtMs - a.diedAtMs);

  return {
    apply,
    channels: () => [...new Set(standings().map(({ channel }) => channel))],
    pending: (channel) =>
      [...entries.values()].flatMap(({ notification, channels }) => {
        const standing = channels.get(channel);
        if (standing?.is !== 'waiting') return [];
        const { acceptedAtMs, attempts, dueAtMs } = standing;
        return [{ notification, acceptedAtMs, attempts, dueAtMs }];
      }),
    confirmed: (channel) => [...confirmed.values()].flatMap((one) => (one.channel === channel ? [one.id] : [])),
    dead,
    disabledTarget: (channel) => disabled.get(channel) ?? null,
    rows: () => [
      ...[...confirmed.values()].map(({ id, channel }): Row => ({ op: 'done', id, channel, how: 'sent' })),
      ...[...disabled].map(([channel, target]): Row => ({ op: 'disabled', channel, target })),
      ...[...entries.values()].map(({ notification, acceptedAtMs, channels }): Row => {
        return { op: 'new', atMs: acceptedAtMs, channels: [...channels.keys()], notification };
      }),
      ...standings().flatMap(({ entry: { notification, acceptedAtMs }, channel, standing }): Row[] => {
        const { id } = notification;
        const { attempts } = standing;
        if (standing.is === 'dead') {
          return [{ op: 'dead', id, channel, attempts, atMs: standing.atMs, reason: standing.reason }];
        }
        const { acceptedAtMs: againAtMs, dueAtMs } = standing;
        const revived: Row[] =
          againAtMs === acceptedAtMs
            ? []
            : [
                { op: 'dead', id, channel, attempts: 0, atMs: againAtMs, reason: '' },
                { op: 'again', id, channel, atMs: againAtMs },
              ];
        return attempts === 0 ? revived : [...revived, { op: 'failed', id, channel, attempts, dueAtMs }];
      }),
    ],
  };
}

function dropOldest(map: Map<string, unknown>, max: number): void {
  for (const key of map.keys()) {
    if (map.size <= max) return;
    map.delete(key);
  }
}
