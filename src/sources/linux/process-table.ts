import type { Clock, Footprint, ProcessId, ProcessKey, ProcessSample } from '../../model/index.ts';
import { PF_KTHREAD, emptyStat, parseStat, processState } from './parse-stat.ts';
import { parseStatm } from './parse-statm.ts';
import { DENIED, EXHAUSTED, FAILED, GONE, type ProcIo } from './proc-io.ts';
import { movedEnough } from '../change.ts';
import { dueAfter, nextTier, statDueAfter } from './tiers.ts';
import { type Tracked, createRow } from './row.ts';
import type { KernelUnits } from './units.ts';

type Adoption = Tracked | 'gone' | 'kernel' | 'hidden';
type Look = 'refreshed' | 'renewed' | 'gone' | 'unread';

/** One reading of both clocks serves a whole sweep: a clock call for each row would cost a fifth of the row. */
export interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export interface ProcessTable {
  readonly samples: Map<ProcessKey, ProcessSample>;
  readonly byPid: Map<number, Tracked>;
  keptDescriptors(): number;
  /** Makes a row for a process that was not known; its identity is settled before it returns. */
  adopt(pid: number, now: Moment): Adoption;
  /**
   * Reads memory, and `stat` when memory moved, when it is due, or when asked. 'renewed': exec'd or renamed since. 'unread': it
   * could not be read this time, and that says nothing about it. */
  look(row: Tracked, withStat: boolean, now: Moment): Look;
  /** True when the pid still belongs to this very process: whatever was read by path before this call was its own. */
  isSame(process: ProcessId): boolean;
  /** Notes a footprint that was read on demand, so that the budget is not spent on it again. */
  keepFootprint(process: ProcessId, footprint: Footprint): void;
  remove(row: Tracked): void;
  close(): void;
}

export interface ProcessTableOptions {
  readonly io: ProcIo;
  readonly clock: Clock;
  readonly procRoot: string;
  readonly units: KernelUnits;
  /** At most this many `statm` stay open; each costs about 4 KB of kernel memory and one descriptor. */
  readonly maxDescriptors: number;
}

export function createProcessTable({ io, clock, procRoot, units, maxDescriptors }: ProcessTableOptions): ProcessTable {
  const samples = new Map<ProcessKey, ProcessSample>();
  const byPid = new Map<number, Tracked>();
  const pages = { resident: 0, shared: 0 };
  const stat = emptyStat();
  let kept = 0;
  let cap = maxDescriptors;

  /** Opens `statm` to keep it, unless the cap or the system says no. */
  function openKept(path: string): number {
    if (kept >= cap) return EXHAUSTED;
    const fd = io.open(path);
    if (fd >= 0) kept += 1;
    if (fd === EXHAUSTED) giveBack();
    return fd;
  }

  /** The whole process is out of descriptors: sockets, files and children need some too, so hold fewer from now on. */
  function giveBack(): void {
    cap = Math.floor(kept * 0.75);
    for (const row of byPid.values()) if (kept > cap) letGo(row);
  }

  function letGo(row: { fd: number }): void {
    if (row.fd < 0) return;
    io.close(row.fd);
    row.fd = -1;
    kept -= 1;
  }

  function readStat(pid: number): number {
    const length = io.read(`${procRoot}/${pid}/stat`);
    if (length === EXHAUSTED) giveBack();
    if (length < 0) return length;
    return parseStat(io.bytes, length, stat) ? length : FAILED;
  }

  function readStatm(row: Tracked): number {
    const length = row.fd >= 0 ? io.readKept(row.fd) : io.read(row.statmPath);
    if (length === EXHAUSTED) giveBack();
    if (length < 0) return length;
    return parseStatm(io.bytes, length, pages) ? length : FAILED;
  }

  function applyStat(row: Tracked, now: Moment): boolean {
    const { sample } = row;
    sample.ppid = stat.ppid;
    sample.processGroup = stat.processGroup;
    sample.sessionLeader = stat.sessionLeader;
    sample.tty = stat.tty;
    sample.state = processState(stat.stateCode);
    sample.cpuMs = stat.cpuTicks * units.tickMs;
    sample.cpuAtMs = now.wallMs;
    sample.threads = stat.threads;
    row.statDueMs = statDueAfter(now.monotonicMs, sample.pid, byPid.size);
    const renewed = stat.nameHash !== row.nameHash || (stat.stackStart !== row.stackStart && stat.stackStart !== 0);
    row.nameHash = stat.nameHash;
    if (stat.stackStart !== 0) row.stackStart = stat.stackStart;
    return renewed;
  }

  function applyPages(row: Tracked, wallMs: number): boolean {
    const { sample } = row;
    sample.rssBytes = pages.resident * units.pageBytes;
    sample.anonBytes = Math.max(0, pages.resident - pages.shared) * units.pageBytes;
    sample.sampledAtMs = wallMs;
    const moved = movedEnough(row.anchorBytes, sample.rssBytes);
    if (moved) {
      row.anchorBytes = sample.rssBytes;
      sample.changedAtMs = sample.sampledAtMs;
    }
    return moved;
  }

  function adopt(pid: number, now: Moment): Adoption {
    const statmPath = `${procRoot}/${pid}/statm`;
    // Order matters. The descriptor comes first; that it still answers after `stat` was read by path proves that the
    // pid belonged to one process all the while, so start time and memory are of the same one.
    const fd = openKept(statmPath);
    if (fd === GONE) return 'gone';
    if (fd === DENIED) return 'hidden';
    const holder = { fd };
    const length = readStat(pid);
    if (length < 0 || (stat.flags & PF_KTHREAD) !== 0) {
      letGo(holder);
      return length === DENIED ? 'hidden' : length < 0 ? 'gone' : 'kernel';
    }
    const row = createRow(pid, stat.startTime, statmPath, fd < 0 ? -1 : fd);
    if (readStatm(row) < 0 || (row.fd < 0 && !sameByPath(row.sample))) {
      letGo(row);
      return 'gone';
    }
    applyStat(row, now);
    applyPages(row, now.wallMs);
    row.sample.changedAtMs = row.sample.sampledAtMs;
    row.dueMs = now.monotonicMs;
    byPid.set(pid, row);
    samples.set(row.sample.key, row.sample);
    return row;
  }

  /** Without a kept descriptor the start time, read again, is the proof. */
  function sameByPath({ pid, startTime }: ProcessId): boolean {
    return readStat(pid) >= 0 && stat.startTime === startTime;
  }

  function isSame(process: ProcessId): boolean {
    const row = byPid.get(process.pid);
    if (row === undefined || row.fd < 0 || row.sample.startTime !== process.startTime) return sameByPath(process);
    return io.readKept(row.fd) >= 0;
  }

  function look(row: Tracked, withStat: boolean, now: Moment): Look {
    const unproved = row.fd < 0;
    // Others ended and left room under the cap; the `stat` below proves that this descriptor is the same process's.
    if (unproved && kept < cap) row.fd = Math.max(-1, openKept(row.statmPath));
    const statm = readStatm(row);
    if (statm < 0) return statm === GONE ? 'gone' : 'unread';
    const { resident, shared } = pages;
    const nowMs = now.monotonicMs;
    const moved = movedEnough(row.anchorBytes, resident * units.pageBytes);
    // `stat` goes by path, where a reused pid would answer: without a kept descriptor it is read at every look.
    const statNow = withStat || moved || unproved || nowMs >= row.statDueMs;
    let renewed = false;
    if (statNow) {
      const length = readStat(row.sample.pid);
      if (length < 0 && length !== GONE) return 'unread';
      if (length < 0 || stat.startTime !== row.sample.startTime) return 'gone';
      renewed = applyStat(row, now);
    }
    pages.resident = resident;
    pages.shared = shared;
    applyPages(row, now.wallMs);
    row.tier = nextTier(row.tier, moved, byPid.size);
    row.dueMs = dueAfter(nowMs, row.tier, row.sample.pid);
    return renewed ? 'renewed' : 'refreshed';
  }

  function remove(row: Tracked): void {
    letGo(row);
    if (byPid.get(row.sample.pid) === row) byPid.delete(row.sample.pid);
    samples.delete(row.sample.key);
    // Its children have another parent from now on, which only `stat` tells.
    for (const child of byPid.values()) {
      if (child.sample.ppid === row.sample.pid) child.dueMs = child.statDueMs = Number.NEGATIVE_INFINITY;
    }
  }

  return {
    samples,
    byPid,
    keptDescriptors: () => kept,
    adopt,
    look,
    isSame,
    keepFootprint({ pid, startTime }, footprint) {
      const row = byPid.get(pid);
      if (row?.sample.startTime !== startTime) return;
      row.sample.footprint = footprint;
      row.footprintMs = clock.monotonicMs();
    },
    remove,
    close() {
      for (const row of byPid.values()) letGo(row);
      byPid.clear();
      samples.clear();
    },
  };
}
