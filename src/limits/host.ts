import type { CgroupMemory, HostSample, Limit } from '../model/index.ts';

/** What stops everything here first: RAM + swap, or the memory cgroup around us. The least headroom binds. */
export function hostLimit(host: HostSample): Limit {
  return leastHeadroom([ramAndSwap(host), ...(host.cgroup === null ? [] : cgroupLimits(host.cgroup))]);
}

export function ramAndSwap(host: HostSample): Limit {
  const limitBytes = host.memoryTotalBytes + host.swapTotalBytes;
  const headroomBytes = host.memoryAvailableBytes + host.swapFreeBytes;
  return {
    kind: 'host-memory',
    limitBytes,
    usedBytes: Math.max(0, limitBytes - headroomBytes),
    headroomBytes,
    source:
      host.swapTotalBytes > 0
        ? 'RAM + swap of the machine; headroom is MemAvailable + free swap, and it gets slow before it is used up.'
        : 'RAM of the machine (no swap); headroom is MemAvailable.',
  };
}

/** `memory.max` kills, `memory.high` throttles before that. Swap beyond them is left out: its use is not known here. */
export function cgroupLimits(cgroup: CgroupMemory): Limit[] {
  const limits: Limit[] = [];
  const add = (kind: 'cgroup' | 'cgroup-high', limitBytes: number | null, effect: string) => {
    if (limitBytes === null) return;
    limits.push({
      kind,
      limitBytes,
      usedBytes: cgroup.workingSetBytes,
      headroomBytes: Math.max(0, limitBytes - cgroup.workingSetBytes),
      source: `${kind === 'cgroup' ? 'Limit' : 'High mark'} of the memory cgroup ${cgroup.path}, against its working set; ${effect}.`,
    });
  };
  add('cgroup', cgroup.limitBytes, 'all processes in it share it, and the kernel kills in it when it is reached');
  add('cgroup-high', cgroup.highBytes, 'above it the kernel slows all processes in it down');
  return limits;
}

/** The first of several limits to be met. Unknown headroom never binds before a known one. */
export function leastHeadroom(limits: readonly [Limit, ...Limit[]]): Limit {
  return limits.reduce((least, each) =>
    (each.headroomBytes ?? Number.POSITIVE_INFINITY) < (least.headroomBytes ?? Number.POSITIVE_INFINITY) ? each : least,
  );
}
