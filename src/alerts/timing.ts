import type { AlertLevel } from '../model/index.ts';
import type { Timing } from './groups.ts';
import { mapLevels, type Levels } from './levels.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What begins together is told together; an emergency waits for nobody. Alertmanager waits for 30 s by default. */
const GROUP_WAIT_MS: Levels = { warning: 30_000, critical: 10_000, emergency: 0 };
/**
 * A session whose twelve servers grow is found server by server, within about an hour: those that come after the first
 * are told together. Alertmanager's five minutes would make a message of each. Who was called for an emergency is looking.
 */
const GROUP_INTERVAL_MS: Levels = { warning: HOUR, critical: 15 * MINUTE, emergency: 10 * MINUTE };

export interface TimingOptions {
  readonly cooldownMs: Readonly<Record<AlertLevel, number>>;
  readonly repeatMs: Readonly<Record<AlertLevel, number>>;
}

export function timingOf({ cooldownMs, repeatMs }: TimingOptions): Timing {
  return {
    groupWaitMs: mapLevels(GROUP_WAIT_MS, (ms) => ms),
    groupIntervalMs: GROUP_INTERVAL_MS,
    cooldownMs,
    repeatMs,
  };
}
