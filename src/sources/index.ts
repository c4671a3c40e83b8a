import type { Clock, Source } from '../model/index.ts';
import { createLinuxSource } from './linux/index.ts';
import { createPortableSource } from './portable/index.ts';

export { systemClock } from './clock.ts';
export { createDeathTraces, openWitness, runsNow, zombieStatus } from './exits/index.ts';
export { createLinuxSource } from './linux/index.ts';
export { createPortableSource } from './portable/index.ts';
export {
  createSelfSource,
  type GcEvent,
  type GcKind,
  type HeapSpace,
  type SelfSample,
  type SelfSource,
} from './self/index.ts';

export interface SourceOptions {
  readonly clock: Clock;
  /** Default: this machine's. */
  readonly platform?: NodeJS.Platform | undefined;
  /** CPU time that reading PSS may cost on Linux, ms per second of wall time; default 1. */
  readonly pssBudgetMsPerSecond?: number | undefined;
}

/** The source for this machine: Linux has its own, everything else the portable one. */
export function openSource({ clock, platform = process.platform, pssBudgetMsPerSecond }: SourceOptions): Source {
  return platform === 'linux' ? createLinuxSource({ clock, pssBudgetMsPerSecond }) : createPortableSource({ clock });
}
