import type { CgroupMemory, HostSample, Limit, ProcessFacts, ProcessSample } from '../model/index.ts';
import { cgroupLimits, leastHeadroom, ramAndSwap } from './host.ts';
import { v8OldSpaceLimit } from './v8.ts';

export interface ProcessLimitInput {
  readonly sample: ProcessSample;
  readonly facts: ProcessFacts;
  /** Figures of its nearest limited memory cgroup; null: none. */
  readonly cgroup: CgroupMemory | null;
  readonly host: HostSample;
}

/** What would stop this process first. Null for what has no memory of its own (zombies, kernel threads). */
export function processLimit({ sample, facts, cgroup, host }: ProcessLimitInput): Limit | null {
  if (sample.state === 'zombie' || sample.state === 'dead' || facts.runtime === 'kernel') return null;
  const v8 = v8Limit(sample, facts, cgroup, host);
  return leastHeadroom([
    ramAndSwap(host),
    ...(cgroup === null ? [] : cgroupLimits(cgroup)),
    ...(v8 === null ? [] : [v8]),
  ]);
}

/**
 * A V8 heap cannot be read from outside. It lies inside the anonymous memory, so the room up to its limit is at least
 * the limit less that. Where anonymous memory (Buffers, native memory) is larger than the limit, nothing can be said.
 */
function v8Limit(
  sample: ProcessSample,
  facts: ProcessFacts,
  cgroup: CgroupMemory | null,
  host: HostSample,
): Limit | null {
  const memoryBytes = Math.min(host.memoryTotalBytes, cgroup?.limitBytes ?? Number.POSITIVE_INFINITY);
  const v8 = v8OldSpaceLimit(facts, memoryBytes);
  if (v8 === null) return null;
  const room = sample.anonBytes === null ? null : v8.limitBytes - sample.anonBytes - (sample.footprint?.swapBytes ?? 0);
  return {
    kind: 'v8-old-space',
    limitBytes: v8.limitBytes,
    usedBytes: null,
    headroomBytes: room !== null && room > 0 ? room : null,
    source: `Old-space limit of its V8 heap (${v8.source}); the heap is not seen from outside, so headroom counts all its anonymous memory as heap and is a lower bound.`,
  };
}
