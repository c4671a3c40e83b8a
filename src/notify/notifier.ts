import { createHash } from 'node:crypto';
import type { Config } from '../config/index.ts';
import {
  type ChannelHealth,
  type ChannelReport,
  type ChannelTest,
  type Notification,
  type NotificationSink,
  RampartError,
} from '../model/index.ts';
import type { AnyChannel, ChannelDeps } from './channel.ts';
import { asFailure } from './failure.ts';
import { createLane, type Lane } from './lane.ts';
import { openLineFile } from './outbox-file.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import { clean } from './outgoing.ts';
import { dedup } from './stages/dedup.ts';
import { group } from './stages/group.ts';
import { inhibit } from './stages/inhibit.ts';
import { mute } from './stages/mute.ts';
import { rate } from './stages/rate.ts';
import { retry } from './stages/retry.ts';
import { composed } from './stages/stage.ts';
import { testNotification } from './test-notification.ts';
import { createTimer } from './timer.ts';
import { RANK } from './wording.ts';

export interface NotifierOptions {
  readonly config: Config['notifications'];
  readonly channels: readonly AnyChannel[];
  readonly deps: ChannelDeps;
  readonly outboxPath: string;
  readonly random: () => number;
  readonly onProblem: (what: string, error: unknown) => void;
}

/** From a notification of the alert engine to people: all channels, and the outbox of the durable ones. */
export interface Notifier {
  readonly sink: NotificationSink;
  /** Channels begin to send, with what the outbox still holds. Before it `book` need not answer. */
  start(): void;
  report(): ChannelReport;
  test(channel: string): Promise<ChannelTest>;
  replay(channel?: string): { readonly replayed: number };
  close(): Promise<void>;
}

/** Waiting at most: the outbox holds some days of a bad week, a terminal that hangs a screenful. */
const MAX_WAITING = { durable: 1_000, brief: 100 } as const;
/** Of one notification; the worst come first. */
const MAX_ALERTS = 50;
/** A terminal, a bubble, a line of a log: what could not be shown for so long is no news any more. */
const BRIEF_GIVE_UP_MS = 10 * 60_000;
/** The whole service has 900 ms to end. */
const CLOSE_GRACE_MS = 300;
/** A full disk is tried again. */
const FLUSH_EVERY_MS = 30_000;

interface Unavailable {
  readonly name: string;
  readonly reason: string;
}

export async function openNotifier(options: NotifierOptions): Promise<Notifier> {
  const { config, deps, onProblem } = options;
  const { clock } = deps;
  const wanted = options.channels.filter((channel) => channel.wants(config[channel.name], deps));
  const isDurable = (channel: AnyChannel): boolean => channel.traits(config[channel.name]).durable;
  const outbox = wanted.some(isDurable)
    ? createOutbox(openLineFile(options.outboxPath), (error) => onProblem('the outbox cannot be written', error))
    : null;
  outbox?.abandon(
    wanted.map(({ name }) => name),
    clock.nowMs() - config.giveUpMs,
    clock.nowMs(),
  );
  const lanes = new Map<string, Lane>();
  const durable: string[] = [];
  const unavailable: Unavailable[] = [];

  for (const channel of wanted) {
    try {
      lanes.set(channel.name, await openLane(channel, isDurable(channel) ? outbox : null, options));
      if (isDurable(channel)) durable.push(channel.name);
    } catch (cause) {
      const reason = cause instanceof RampartError ? `${cause.message}. ${cause.hint}` : asFailure(cause).message;
      unavailable.push({ name: channel.name, reason: clean(reason, 500) });
      onProblem(`channel ${channel.name} is not there`, cause);
    }
  }

  const flushTimer = createTimer(clock);
  const flushLater = (): void =>
    flushTimer.set(FLUSH_EVERY_MS, () => {
      outbox?.flush();
      flushLater();
    });

  const laneOf = (name: string): Lane => {
    const lane = lanes.get(name);
    if (lane !== undefined) return lane;
    const why = unavailable.find((one) => one.name === name)?.reason;
    const there = [...lanes.keys()].join(', ') || 'none';
    throw new RampartError(
      why === undefined ? 'not-found' : 'unsupported',
      why === undefined ? `no channel '${clean(name, 40)}' is configured` : `channel ${name} is not there: ${why}`,
      `Configured: ${there}. See docs/notifications.md.`,
    );
  };

  const health = (): ChannelHealth[] => [
    ...[...lanes].map(([name, lane]) => ({ name, ...lane.health() })),
    ...unavailable.map(({ name, reason }) => ({ name, ...NEVER, lastError: reason })),
  ];

  return {
    sink(given) {
      try {
        const notification = bounded(given);
        if (durable.length > 0) outbox?.accept(notification, durable, clock.nowMs());
        for (const lane of lanes.values()) lane.offer(notification);
      } catch (cause) {
        onProblem('a notification was lost', cause);
      }
    },
    start() {
      for (const lane of lanes.values()) lane.start();
      if (outbox !== null) flushLater();
    },
    report: () => ({
      schemaVersion: 1,
      atMs: clock.nowMs(),
      channels: health(),
      deadLetters: outbox?.dead() ?? [],
      outboxError: outbox?.error() ?? null,
    }),
    async test(channel) {
      const lane = laneOf(channel);
      const beganMs = clock.monotonicMs();
      const answer = (delivered: boolean, detail: string): ChannelTest => {
        return { channel, delivered, tookMs: Math.round(clock.monotonicMs() - beganMs), detail: clean(detail, 500) };
      };
      try {
        return answer(true, await lane.test(testNotification(clock.nowMs(), deps.host)));
      } catch (cause) {
        return answer(false, asFailure(cause).message);
      }
    },
    replay(channel) {
      if (channel !== undefined) laneOf(channel);
      const chosen = channel === undefined ? durable : [channel];
      const letters = outbox?.revive(chosen, clock.nowMs()) ?? [];
      for (const name of chosen) {
        const ids = new Set(letters.filter((letter) => letter.channel === name).map(({ id }) => id));
        const again = outbox?.pending(name).filter(({ notification }) => ids.has(notification.id)) ?? [];
        lanes.get(name)?.revive(again.map(({ notification }) => notification));
      }
      return { replayed: letters.length };
    },
    async close() {
      flushTimer.clear();
      await Promise.all([...lanes.values()].map((lane) => lane.close(CLOSE_GRACE_MS)));
      outbox?.close();
    },
  };
}

const NEVER = {
  state: 'unavailable',
  sent: 0,
  failed: 0,
  waiting: 0,
  dropped: 0,
  stopped: {},
  lastSentMs: null,
  nextAttemptMs: null,
} as const;

async function openLane(channel: AnyChannel, outbox: Outbox | null, options: NotifierOptions): Promise<Lane> {
  const { config, deps, random, onProblem } = options;
  const own = config[channel.name];
  const dedupStage = dedup(outbox?.confirmed(channel.name) ?? []);
  const traits = channel.traits(own);
  return createLane({
    name: channel.name,
    channel: await channel.open(own, deps),
    traits,
    clock: deps.clock,
    book: deps.book,
    before: composed([mute(own.minLevel), inhibit(), group(), dedupStage]),
    dedup: dedupStage,
    rate: rate(traits.rate),
    retry: retry({
      firstMs: config.retryMs,
      giveUpMs: traits.durable ? config.giveUpMs : Math.min(config.giveUpMs, BRIEF_GIVE_UP_MS),
      random,
    }),
    outbox,
    target: createHash('sha256').update(JSON.stringify(own)).digest('base64url'),
    maxWaiting: traits.durable ? MAX_WAITING.durable : MAX_WAITING.brief,
    onProblem: (error) => onProblem(`channel ${channel.name} failed`, error),
  });
}

function bounded(notification: Notification): Notification {
  const { alerts } = notification;
  if (alerts.length <= MAX_ALERTS) return notification;
  return { ...notification, alerts: alerts.toSorted((a, b) => RANK[b.level] - RANK[a.level]).slice(0, MAX_ALERTS) };
}
