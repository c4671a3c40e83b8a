import { availableParallelism } from 'node:os';
import type { Clock, HostSample } from '../../model/index.ts';

/** `available` is MemAvailable on Linux and what systeminformation counts as such elsewhere, never plain free memory. */
export async function readPortableHost(clock: Clock): Promise<HostSample> {
  const { mem } = await import('systeminformation');
  const { total, available, swaptotal, swapfree } = await mem();
  return {
    atMs: clock.nowMs(),
    memoryTotalBytes: total,
    memoryAvailableBytes: available,
    swapTotalBytes: swaptotal,
    swapFreeBytes: swapfree,
    pressure: null,
    cgroup: null,
    cpuCount: availableParallelism(),
    unknown: {
      pressure: 'only Linux tells stall times',
      cgroup: 'only Linux has cgroups, and only its own source reads them',
    },
  };
}
