import type { Status } from 'pidusage';
import { RampartError } from '../../model/index.ts';

/** What systeminformation tells of a process, as far as it is used. */
export interface Listed {
  readonly pid: number;
  readonly parentPid: number;
  readonly name: string;
  readonly state: string;
  readonly tty: string;
  readonly user: string;
  readonly command: string;
  readonly params: string;
  readonly path: string;
}

export interface Figures {
  readonly rssBytes: number;
  readonly cpuMs: number;
  /** Estimate, good to a second where the platform tells ages in seconds. */
  readonly startedAtMs: number;
}

/** All processes by pid. Throws when the platform's list cannot be had: an empty list is no news that all ended. */
export async function listProcesses(): Promise<ReadonlyMap<number, Listed>> {
  // Loaded on first use: Linux never needs these modules.
  const { processes } = await import('systeminformation');
  const { list } = await processes();
  if (list.length === 0) {
    throw new RampartError(
      'unsupported',
      'the list of processes is empty',
      'systeminformation needs `ps` (Unix) or PowerShell (Windows): see that it is installed and may be run',
    );
  }
  return new Map(list.filter(({ pid }) => pid > 0).map((entry) => [entry.pid, entry]));
}

/** Memory and CPU time of all pids in one batch; pids that ended meanwhile are missing. */
export async function measureProcesses(pids: readonly number[]): Promise<ReadonlyMap<number, Figures>> {
  if (pids.length === 0) return new Map();
  const { default: pidusage } = await import('pidusage');
  let stats: Record<string, Status | null | undefined>;
  try {
    stats = await pidusage([...pids]);
  } catch (error) {
    throw new RampartError('io', 'pidusage could not measure the processes', 'Try again; see `rampart doctor`', error);
  }
  const figures = new Map<number, Figures>();
  for (const stat of Object.values(stats)) {
    if (stat === undefined || stat === null) continue; // It ended meanwhile.
    const startedAtMs = Math.round(stat.timestamp - stat.elapsed);
    figures.set(stat.pid, { rssBytes: stat.memory, cpuMs: stat.ctime, startedAtMs });
  }
  return figures;
}
