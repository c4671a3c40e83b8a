import type { Clock, Source } from '../model/index.ts';
import { createLinuxSource } from './linux/index.ts';

export { systemClock } from './clock.ts';
export { createLinuxSource, type LinuxSourceOptions } from './linux/index.ts';

export interface SourceOptions {
  readonly clock: Clock;
  readonly platform?: NodeJS.Platform | undefined;
  readonly pssBudgetMsPerSecond?: number | undefined;
}

/** The best source for this machine. */
export function openSource({ clock, pssBudgetMsPerSecond }: SourceOptions): Source {
  return createLinuxSource({ clock, pssBudgetMsPerSecond });
}
