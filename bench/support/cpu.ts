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

/** CPU time of this process and of the children that it waits for while `work` runs, ms; children count in ticks of 10 ms. */
export async function cpuWithChildrenMs(work: () => unknown): Promise<number> {
  const before = endedChildrenMs();
  const own = await ownCpuMs(work);
  return own + endedChildrenMs() - before;
}

/** Fields 16 and 17 of `/proc/self/stat`. */
function endedChildrenMs(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}
