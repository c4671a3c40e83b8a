import type { Footprint, ProcessKey, ProcessSample, Source } from '../../model/index.ts';

/** One look at a command and everything below it. Sizes in bytes. */
export interface TreeLook {
  readonly rssBytes: number;
  /** PSS and swap; null where the platform or permissions do not tell. */
  readonly pssBytes: number | null;
  readonly swapBytes: number | null;
  readonly cpuRatio: number | null;
  readonly threads: number | null;
  /** Null: not known, or not looked at this time. */
  readonly openFiles: number | null;
  readonly processes: number;
  /** The same sums over those processes only of which just the memory is known. */
  readonly rest: TreeSums;
  /** And over Node processes that compute in one go. */
  readonly batch: TreeSums;
}

export interface TreeSums {
  readonly rssBytes: number;
  readonly pssBytes: number | null;
  readonly swapBytes: number | null;
}

/** How a process's memory is judged: by the floors of its V8 heap, as one that computes in one go, or as it is. */
export type Part = 'heap' | 'batch' | 'rest';

export interface TreeWatch {
  /** Null: the tree is gone. */
  look(elapsedMs: number, partOf: (pid: number) => Part): Promise<TreeLook | null>;
}

/** PSS is read again where RSS moved by more than this since; the difference in between is taken from RSS. */
const MOVED_SHARE = 0.01;
/** Readings of PSS in one look, largest change first: about 1 ms each, so that a look stays below a tenth of its time. */
const PSS_PER_LOOK = 16;

/** Counting descriptors goes through tables of the whole machine: not at each look. */
const FILES_EVERY_MS = 2_000;

/** Follows parent links from `rootPid`; who was seen in the tree once stays in it when its parent goes. */
export function createTreeWatch(source: Source, rootPid: number): TreeWatch {
  const members = new Map<ProcessKey, { footprint: Footprint | null; denied: boolean; cpuMs: number }>();
  let lastMs: number | null = null;
  let filesAtMs = Number.NEGATIVE_INFINITY;

  function grow(processes: ReadonlyMap<ProcessKey, ProcessSample>): ProcessSample[] {
    for (const key of members.keys()) if (!processes.has(key)) members.delete(key);
    const pids = new Set<number>([rootPid]);
    for (const [key, { pid }] of processes) if (members.has(key)) pids.add(pid);
    // Children may come before their parents in the table: until nobody new is found.
    for (let before = -1; before !== pids.size;) {
      before = pids.size;
      for (const { pid, ppid } of processes.values()) if (pids.has(ppid)) pids.add(pid);
    }
    const tree = [...processes.values()].filter(({ pid, state }) => pids.has(pid) && state !== 'zombie');
    for (const { key, cpuMs } of tree) {
      if (!members.has(key)) members.set(key, { footprint: null, denied: false, cpuMs });
    }
    return tree;
  }

  async function readFootprints(tree: readonly ProcessSample[]): Promise<void> {
    const due = tree
      .map((sample) => ({ sample, member: members.get(sample.key) }))
      .flatMap(({ sample, member }) => (member === undefined || member.denied ? [] : [{ sample, member }]))
      .map((row) => ({ ...row, moved: Math.abs(row.sample.rssBytes - (row.member.footprint?.rssBytes ?? 0)) }))
      .filter(({ moved, sample }) => moved > MOVED_SHARE * sample.rssBytes)
      .sort((a, b) => b.moved - a.moved)
      .slice(0, PSS_PER_LOOK);
    for (const { sample, member } of due) {
      const { pid, startTime } = sample;
      const footprint = await source.footprint({ pid, startTime });
      if (footprint === null) member.denied = true;
      else member.footprint = footprint;
    }
  }

  function sums(tree: readonly ProcessSample[]): TreeSums {
    let rssBytes = 0;
    let pssBytes = 0;
    let swapBytes = 0;
    let known = true;
    for (const { key, rssBytes: rss } of tree) {
      const footprint = members.get(key)?.footprint ?? null;
      rssBytes += rss;
      known &&= footprint !== null;
      pssBytes += Math.max(0, (footprint?.pssBytes ?? 0) + rss - (footprint?.rssBytes ?? 0));
      swapBytes += footprint?.swapBytes ?? 0;
    }
    return { rssBytes, pssBytes: known ? pssBytes : null, swapBytes: known ? swapBytes : null };
  }

  function cpu(tree: readonly ProcessSample[], elapsedMs: number): number | null {
    let usedMs = 0;
    for (const { key, cpuMs } of tree) {
      const member = members.get(key);
      if (member === undefined) continue;
      usedMs += Math.max(0, cpuMs - member.cpuMs);
      member.cpuMs = cpuMs;
    }
    const spanMs = lastMs === null ? 0 : elapsedMs - lastMs;
    lastMs = elapsedMs;
    return spanMs > 0 ? usedMs / spanMs : null;
  }

  async function countFiles(tree: readonly ProcessSample[], elapsedMs: number): Promise<number | null> {
    if (elapsedMs - filesAtMs < FILES_EVERY_MS) return null;
    filesAtMs = elapsedMs;
    const signs = await source.lifeSigns(tree);
    return signs.size > 0 ? total([...signs.values()].map(({ openFiles }) => openFiles)) : null;
  }

  return {
    async look(elapsedMs, partOf) {
      const { processes } = await source.sample({ complete: true });
      // Copies: the source updates its own objects, and reading PSS takes a while.
      const tree = grow(processes).map((sample) => ({ ...sample }));
      if (tree.length === 0) return null;
      await readFootprints(tree);
      const threads = tree.map((sample) => sample.threads);
      return {
        ...sums(tree),
        cpuRatio: cpu(tree, elapsedMs),
        threads: total(threads),
        openFiles: await countFiles(tree, elapsedMs),
        processes: tree.length,
        rest: sums(tree.filter(({ pid }) => partOf(pid) === 'rest')),
        batch: sums(tree.filter(({ pid }) => partOf(pid) === 'batch')),
      };
    },
  };
}

function total(values: readonly (number | null)[]): number | null {
  let sum = 0;
  for (const value of values) {
    if (value === null) return null;
    sum += value;
  }
  return sum;
}
