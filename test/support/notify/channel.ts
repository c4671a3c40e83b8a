import { type Config, loadConfig } from '../../../src/config/index.ts';
import type { Alert, AlertBook } from '../../../src/model/index.ts';
import type { ChannelDeps } from '../../../src/notify/index.ts';
import { systemClock } from '../../../src/sources/clock.ts';

type Flags = Readonly<Record<string, unknown>>;

/** The group `notifications` of a configuration with these options, named without their group. */
export function notificationConfig(flags: Flags): Config['notifications'] {
  const named = Object.fromEntries(Object.entries(flags).map(([name, value]) => [`notifications.${name}`, value]));
  return loadConfig({ flags: named, env: {}, cwd: '/', home: '/nonexistent', readFile: () => null }).config
    .notifications;
}

/** What the alert engine would know, in a map that the test changes. */
export function bookOf(alerts: Map<string, Alert> = new Map()): AlertBook {
  return {
    current: (fingerprint) => alerts.get(fingerprint) ?? null,
    firing: () => [...alerts.values()].filter(({ state }) => state === 'firing'),
  };
}

export function channelDeps(over: Partial<ChannelDeps> = {}): ChannelDeps {
  return {
    clock: systemClock,
    env: {},
    platform: process.platform,
    host: 'testhost',
    book: bookOf(),
    terminal: null,
    ...over,
  };
}
