import type { DeathTraces, OomCounters } from '../../model/index.ts';

/** 0.1 ms each: 0.002 % of a core. A count that is older than the death by this much still tells. */
const EVERY_MS = 5_000;
/** Quiet processes are looked at every 8 s, and slow readers come later: the count before them must still be there. */
const KEEP = 12;

/** Counts of OOM kills over the last minute, so that each death has one from before it. */
export interface OomWatch {
  /** Called at each look; reads when it is due. */
  look(nowMs: number, cgroups: () => Iterable<string>): void;
  /** Reads now: a cgroup may be gone in a moment. */
  read(cgroups: Iterable<string>): OomCounters;
  /** The rise from the last count before `sinceMs` to `now`; null: there is none that old. */
  rise(
    now: OomCounters,
    sinceMs: number,
    cgroup: string | null,
  ): { readonly host: number | null; readonly cgroup: number | null };
}

export function watchOom(traces: Pick<DeathTraces, 'counters'>): OomWatch {
  let readings: OomCounters[] = [];

  return {
    look: (nowMs, cgroups) => {
      const last = readings.at(-1);
      // A clock that was set back starts anew.
      if (last !== undefined && nowMs >= last.atMs && nowMs - last.atMs < EVERY_MS) return;
      readings = [...readings.slice(-KEEP + 1), traces.counters(cgroups())];
    },
    read: (cgroups) => traces.counters(cgroups),
    rise: (now, sinceMs, cgroup) => {
      const before = readings.findLast(({ atMs }) => atMs <= sinceMs);
      if (before === undefined) return { host: null, cgroup: null };
      const [from, to] = cgroup === null ? [] : [before.cgroups.get(cgroup), now.cgroups.get(cgroup)];
      return {
        host: before.host === null || now.host === null ? null : now.host - before.host,
        cgroup: from === undefined || to === undefined ? null : to - from,
      };
    },
  };
}
