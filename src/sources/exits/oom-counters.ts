import { readFileSync } from 'node:fs';
import type { Clock, OomCounters } from '../../model/index.ts';

export interface OomCounterOptions {
  readonly clock: Clock;
  readonly procRoot: string;
  readonly cgroupRoot: string;
}

/**
 * `oom_kill` of `/proc/vmstat` (Linux 4.13, 60 µs) counts every victim of the kernel's OOM killer, in cgroups too;
 * `memory.events` (v2) and `memory.oom_control` (v1, Linux 4.13) count the victims of one cgroup.
 */
export function createOomCounters({ clock, procRoot, cgroupRoot }: OomCounterOptions) {
  return (cgroups: Iterable<string>): OomCounters => {
    const counts = new Map<string, number>();
    for (const path of new Set(cgroups)) {
      const count =
        oomKill(`${cgroupRoot}${path}/memory.events`) ??
        oomKill(`${cgroupRoot}/memory${path}/memory.oom_control`) ??
        oomKill(`${cgroupRoot}/unified${path}/memory.events`);
      if (count !== null) counts.set(path, count);
    }
    return { atMs: clock.nowMs(), host: oomKill(`${procRoot}/vmstat`), cgroups: counts };
  };
}

function oomKill(path: string): number | null {
  try {
    const found = /^oom_kill (\d+)$/m.exec(readFileSync(path, 'latin1'));
    return found === null ? null : Number(found[1]);
  } catch {
    return null;
  }
}
