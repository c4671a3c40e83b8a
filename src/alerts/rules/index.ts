import type { Rule } from '../define-rule.ts';
import { buildUp } from './build-up.ts';
import { cgroupMemory } from './cgroup-memory.ts';
import { crossSession } from './cross-session.ts';
import { fileGrowth } from './file-growth.ts';
import { fragmentation } from './fragmentation.ts';
import { heapPressure } from './heap-pressure.ts';
import { hostExhaustion } from './host-exhaustion.ts';
import { hostMemory } from './host-memory.ts';
import { leak } from './leak.ts';
import { noData } from './no-data.ts';
import { pressure } from './pressure.ts';
import { processExhaustion } from './process-exhaustion.ts';
import { sessionLeak } from './session-leak.ts';
import { sessionRunaway } from './session-runaway.ts';
import { stall } from './stall.ts';
import { unusualSize } from './unusual-size.ts';

/** Every rule. `no-data` is last: it looks at what the others lack. */
export const RULES: readonly Rule[] = [
  hostMemory,
  cgroupMemory,
  pressure,
  stall,
  hostExhaustion,
  processExhaustion,
  leak,
  sessionLeak,
  sessionRunaway,
  heapPressure,
  fragmentation,
  buildUp,
  fileGrowth,
  crossSession,
  unusualSize,
  noData,
];
