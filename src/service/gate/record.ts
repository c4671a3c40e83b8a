import { createWatchSeries, type WatchSeries } from './series.ts';
import type { TreeLook, TreeSums } from './tree.ts';

/** What the looks at a command's tree add up to, each figure in bounded memory. Times in ms since its start. */
export interface WatchRecord {
  /** PSS + swap of the whole tree (RSS where PSS is not known). */
  readonly memory: WatchSeries;
  /** The same of processes of which just the memory is known, its swapped part, and of Node processes that compute in one go. */
  readonly rest: WatchSeries;
  readonly swap: WatchSeries;
  readonly batch: WatchSeries;
  readonly children: WatchSeries;
  readonly threads: WatchSeries;
  readonly openFiles: WatchSeries;
  /** CPU time that the tree used until then, ms. */
  readonly work: WatchSeries;
  readonly looks: number;
  note(look: TreeLook, tMs: number): void;
}

/** Minima of a second: what a moment's allocation adds is not looked at. */
const STEP_MS = 1000;

export function createRecord(): WatchRecord {
  const series = (): WatchSeries => createWatchSeries(STEP_MS);
  const [memory, rest, swap, batch] = [series(), series(), series(), series()];
  const [children, threads, openFiles, work] = [series(), series(), series(), series()];
  let looks = 0;
  let workMs = 0;
  let lastMs = 0;
  return {
    memory,
    rest,
    swap,
    batch,
    children,
    threads,
    openFiles,
    work,
    get looks() {
      return looks;
    },
    note(look, tMs) {
      looks += 1;
      workMs += (look.cpuRatio ?? 0) * Math.max(0, tMs - lastMs);
      lastMs = tMs;
      work.push(tMs, workMs);
      memory.push(tMs, sizeOf(look));
      if (look.rest.rssBytes > 0) rest.push(tMs, sizeOf(look.rest));
      if (look.rest.rssBytes > 0 && look.rest.swapBytes !== null) swap.push(tMs, look.rest.swapBytes);
      if (look.batch.rssBytes > 0) batch.push(tMs, sizeOf(look.batch));
      children.push(tMs, look.processes - 1);
      if (look.threads !== null) threads.push(tMs, look.threads);
      if (look.openFiles !== null) openFiles.push(tMs, look.openFiles);
    },
  };
}

function sizeOf({ pssBytes, rssBytes, swapBytes }: TreeSums): number {
  return (pssBytes ?? rssBytes) + (swapBytes ?? 0);
}
