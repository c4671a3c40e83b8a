import {
  type Clock,
  type DetectorSample,
  type ProcessId,
  type ProcessSample,
  RampartError,
  type Source,
} from '../../model/index.ts';

/** Figures that a live source has of one process; `record` writes them as columns in this order. */
export const RECORDED = ['t_ms', 'rss_bytes', 'pss_bytes', 'swap_bytes', 'cpu_ratio', 'threads', 'open_files'] as const;

/** 'pid' or 'pid:startTime', as `rampart status --json` names it. Fails with `not-found` when there is none. */
export async function findProcess(source: Source, name: string): Promise<ProcessId> {
  const match = /^(\d+)(?::(\d+))?$/.exec(name.trim());
  if (match === null) {
    throw new RampartError('bad-input', `'${name}' is no process`, 'Give a pid, or an id as pid:startTime.');
  }
  const { processes } = await source.sample({ complete: true });
  for (const { pid, startTime } of processes.values()) {
    if (pid === Number(match[1]) && (match[2] === undefined || startTime === Number(match[2])))
      return { pid, startTime };
  }
  const later = match[2] === undefined ? '' : ', or it has ended and its pid has another owner';
  throw new RampartError('not-found', `there is no process ${name}${later}`, '`rampart status` lists them.');
}

export interface ProcessWatch {
  /** Null for those that have ended. */
  look(): Promise<ReadonlyMap<ProcessId, DetectorSample | null>>;
}

/**
 * One look at some processes. Times are those of the wall clock at the start plus what the monotonic clock says since: a
 * clock that is set must not tear a recording.
 */
export function createProcessWatch(source: Source, clock: Clock, processes: readonly ProcessId[]): ProcessWatch {
  const wallMs = clock.nowMs() - clock.monotonicMs();
  const former = new Map<ProcessId, { cpuMs: number; atMs: number }>();

  function cpuRatio(id: ProcessId, { cpuMs }: ProcessSample, atMs: number): number | null {
    const before = former.get(id);
    former.set(id, { cpuMs, atMs });
    return before === undefined || atMs <= before.atMs
      ? null
      : Math.max(0, cpuMs - before.cpuMs) / (atMs - before.atMs);
  }

  return {
    async look() {
      const sweep = await source.sample({ complete: true });
      const signs = await source.lifeSigns(processes);
      const looks = new Map<ProcessId, DetectorSample | null>();
      for (const id of processes) {
        const sample = sweep.processes.get(`${id.pid}:${id.startTime}`);
        if (sample === undefined || sample.state === 'zombie') {
          looks.set(id, null);
          continue;
        }
        const atMs = clock.monotonicMs();
        const { rssBytes, threads } = sample;
        const ratio = cpuRatio(id, sample, atMs);
        const footprint = await source.footprint(id);
        looks.set(id, {
          tMs: Math.round(wallMs + atMs),
          rssBytes,
          pssBytes: footprint?.pssBytes ?? null,
          swapBytes: footprint?.swapBytes ?? null,
          cpuRatio: ratio,
          threads,
          openFiles: signs.get(`${id.pid}:${id.startTime}`)?.openFiles ?? null,
        });
      }
      return looks;
    },
  };
}
