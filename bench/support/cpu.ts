import { readFileSync, readdirSync } from 'node:fs';

/**
 * CPU time that a process used so far, ms, over all its threads: field 1 of each `task/TID/schedstat`, in nanoseconds.
 * Time of threads that ended meanwhile is missing, so measure between two moments when the same threads live.
 */
export function cpuMsOf(pid: number): number {
  let total = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    total += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  }
  return total;
}

/** RSS of a process in bytes, from `smaps_rollup` (exact, where `statm` may be loose). */
export function rssBytesOf(pid: number): number {
  const match = /^Rss: +(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  if (match === null) throw new Error(`no Rss for ${pid}`);
  return Number(match[1]) * 1024;
}

/** CPU time of this process while `work` runs, ms. */
export async function ownCpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const used = process.cpuUsage(before);
  return (used.user + used.system) / 1000;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
