import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Alert, Notification } from '../../../src/model/index.ts';
import { defineChannel, type Traits } from '../../../src/notify/channel.ts';
import { type Notifier, openNotifier } from '../../../src/notify/notifier.ts';
import { bookOf, channelDeps, notificationConfig } from './channel.ts';

/** A notifier with one channel whose other side is the test. */
export interface Rig {
  readonly notifier: Notifier;
  readonly alerts: Map<string, Alert>;
  /** What was tried, in order. */
  readonly tried: Notification[];
  /** What arrived. */
  readonly arrived: Notification[];
  /** Decides about each attempt; throws to fail. */
  answer: (notification: Notification, signal: AbortSignal) => Promise<string> | string;
  readonly problems: unknown[];
}

export interface RigOptions {
  readonly traits?: Partial<Traits>;
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly outboxPath?: string;
  readonly alerts?: Map<string, Alert>;
  readonly refresh?: () => Promise<void>;
  /** Another channel beside it. */
  readonly start?: boolean;
}

export async function openRig(options: RigOptions = {}): Promise<Rig> {
  const alerts = options.alerts ?? new Map<string, Alert>();
  const { refresh } = options;
  const channel = defineChannel({
    name: 'webhook',
    title: 'a test',
    wants: () => true,
    traits: () => ({
      durable: true,
      timeoutMs: 1_000,
      sendResolved: true,
      digestMs: 0,
      rate: null,
      refreshMs: null,
      ...options.traits,
    }),
    open: async () => ({
      send: async (notification, signal) => {
        rig.tried.push(notification);
        const said = await rig.answer(notification, signal);
        rig.arrived.push(notification);
        return said;
      },
      ...(refresh === undefined ? {} : { refresh: async () => refresh() }),
      close: async () => undefined,
    }),
  });
  const problems: unknown[] = [];
  const notifier = await openNotifier({
    config: notificationConfig(options.flags ?? {}),
    channels: [channel],
    deps: channelDeps({ book: bookOf(alerts) }),
    outboxPath: options.outboxPath ?? join(mkdtempSync(join(tmpdir(), 'rampart-outbox-')), 'outbox.jsonl'),
    random: () => 0.5,
    onProblem: (_what, error) => void problems.push(error),
  });
  const rig: Rig = { notifier, alerts, tried: [], arrived: [], problems, answer: () => 'taken' };
  if (options.start !== false) notifier.start();
  return rig;
}
