import { join } from 'node:path';
import { type Config, NOTIFICATION_DEFAULTS, type Paths } from '../config/index.ts';
import {
  type AlertBook,
  type ChannelHealth,
  type Clock,
  type DoctorReport,
  type NotificationSink,
  type Notifying,
  RampartError,
} from '../model/index.ts';
import type { Notifier, Terminal } from '../notify/index.ts';
import type { Log } from './log.ts';

export interface NotifyingOptions {
  readonly config: Pick<Config, 'notifications' | 'actionTriggers'>;
  readonly places: Pick<Paths, 'stateDir'>;
  readonly clock: Clock;
  /** Name of this machine. */
  readonly host: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Null: nobody looks at a terminal of ours. */
  readonly terminal: Terminal | null;
  readonly log: Log;
}

/** The way out of the service. */
export interface NotifyingPart {
  /** What faces may ask. */
  readonly answers: Notifying;
  readonly sink: NotificationSink;
  /** From now on channels send; `book` tells how alerts stand. */
  start(book: AlertBook): void;
  /** A line for `doctor` of each channel that is configured. */
  checks(): DoctorReport['checks'];
  /** Within the time that the service has to end; what is not sent stays in the outbox. */
  close(): Promise<void>;
}

/** Alerts are not told by anything but what `openNotifying` is given: before `start` there are none. */
const EMPTY_BOOK: AlertBook = { current: () => null, firing: () => [] };

/** Opens the channels that the configuration asks for. Where it asks for none, none of their code is loaded. */
export async function openNotifying(options: NotifyingOptions): Promise<NotifyingPart> {
  const { config, places, clock, host, env, terminal, log } = options;
  let book = EMPTY_BOOK;
  let notifier: Notifier | null = null;
  if (config.actionTriggers.alertNotifications && isAsked(config.notifications, terminal)) {
    const { CHANNELS, openNotifier } = await import('../notify/index.ts');
    notifier = await openNotifier({
      config: config.notifications,
      channels: CHANNELS,
      outboxPath: join(places.stateDir, 'notify', 'outbox.jsonl'),
      random: Math.random,
      onProblem: (what, error) => log.problem(what, error),
      deps: {
        clock,
        env,
        platform: process.platform,
        host,
        terminal,
        book: { current: (fingerprint) => book.current(fingerprint), firing: () => book.firing() },
      },
    });
  }
  const open = (): Notifier => {
    if (notifier !== null) return notifier;
    throw new RampartError('unsupported', 'no channel is configured', 'See docs/notifications.md for how to add one.');
  };
  return {
    sink: (notification) => notifier?.sink(notification),
    start: (given) => {
      book = given;
      notifier?.start();
    },
    checks: () => checksOf(notifier),
    close: async () => notifier?.close(),
    answers: {
      listChannels: async () =>
        notifier?.report() ?? {
          schemaVersion: 1,
          atMs: clock.nowMs(),
          channels: [],
          deadLetters: [],
          outboxError: null,
        },
      testChannel: async ({ channel }) => open().test(channel),
      replayNotifications: async ({ channel }) => open().replay(channel),
    },
  };
}

function isAsked(config: Config['notifications'], terminal: Terminal | null): boolean {
  if (terminal !== null && config.console.enabled) return true;
  return JSON.stringify(config) !== JSON.stringify(NOTIFICATION_DEFAULTS);
}

function checksOf(notifier: Notifier | null): DoctorReport['checks'] {
  if (notifier === null) return [];
  const { channels, deadLetters, outboxError } = notifier.report();
  const outbox =
    outboxError === null
      ? []
      : [
          {
            name: 'notify outbox',
            works: false,
            detail: `cannot be written: ${outboxError}`,
            fix: 'Free space, or mend its permissions; until then a restart forgets what waits, or sends it twice.',
          },
        ];
  return [
    ...channels.map((channel) => ({ name: `notify ${channel.name}`, ...judged(channel, deadCount(channel.name)) })),
    ...outbox,
  ];

  function deadCount(name: string): number {
    return deadLetters.filter(({ channel }) => channel === name).length;
  }
}

function judged(health: ChannelHealth, dead: number): Omit<DoctorReport['checks'][number], 'name'> {
  const { name, state, sent, failed, waiting, dropped, lastError } = health;
  const counts = [`${sent} sent`, `${failed} attempts failed`, `${waiting} wait`, `${dropped} dropped`];
  if (dead > 0) counts.push(`${dead} given up`);
  const detail = `${state}: ${counts.join(', ')}${lastError === null ? '' : `; ${lastError}`}`;
  const works = state === 'ok' && dropped === 0 && dead === 0;
  return { works, detail, fix: works ? null : FIX[state](name) };
}

const FIX: Readonly<Record<ChannelHealth['state'], (name: string) => string>> = {
  ok: () => '`rampart notify --replay` sends again what was given up.',
  failing: (name) => `\`rampart notify --test ${name}\` tries it now; what waits is sent when it works again.`,
  disabled: (name) => `Its receiver asked for no more (HTTP 410). \`rampart notify --test ${name}\` takes it up again.`,
  unavailable: () => 'Mend what the detail names, and restart the service.',
};
