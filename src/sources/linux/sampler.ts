import type { Clock, HostSample, ProcessKey, Sweep } from '../../model/index.ts';
import type { CgroupReader } from './cgroup-reader.ts';
import { type Discovery, isThreadGroupLeader } from './discovery.ts';
import type { FootprintReader } from './footprint.ts';
import type { HostReader } from './host.ts';
import { createJumpDetector } from './jump.ts';
import type { ProcIo } from './proc-io.ts';
import type { Moment, ProcessTable } from './process-table.ts';
import type { Tracked } from './row.ts';

export interface SamplerParts {
  readonly io: ProcIo;
  readonly clock: Clock;
  readonly procRoot: string;
  readonly table: ProcessTable;
  readonly discovery: Discovery;
  readonly host: HostReader;
  readonly cgroups: CgroupReader;
  readonly footprints: FootprintReader;
}

/** What changed between two sweeps; a fresh one each time, so that two callers in one turn cannot lose each other's. */
interface Changes {
  readonly started: ProcessKey[];
  readonly exited: ProcessKey[];
  readonly refreshed: ProcessKey[];
  readonly execed: ProcessKey[];
}

/** One look at everything: memory of what is due, then what is new, then PSS as far as the budget goes. */
export function createSampler(parts: SamplerParts): (complete: boolean) => Sweep {
  const { clock, table, host, cgroups, footprints } = parts;
  const jumped = createJumpDetector();
  const find = createFinder(parts);
  let first = true;

  return (complete) => {
    const fromMs = clock.monotonicMs();
    const changes: Changes = { started: [], exited: [], refreshed: [], execed: [] };
    const hostSample: HostSample = host.read(cgroups.own(fromMs));
    const now: Moment = { monotonicMs: fromMs, wallMs: hostSample.atMs };
    const lookAtAll = jumped(hostSample, fromMs) || complete;
    const lost: number[] = [];
    for (const row of table.byPid.values()) {
      if (lookAtAll || fromMs >= row.dueMs) lookAt(row, complete, now, changes, lost);
    }
    find(now, complete || first, lost, changes);
    first = false;
    footprints.spend(fromMs);
    return {
      atMs: hostSample.atMs,
      host: hostSample,
      processes: table.samples,
      ...changes,
      hidden: find.hidden(),
      costMs: clock.monotonicMs() - fromMs,
    };
  };

  function lookAt(row: Tracked, withStat: boolean, now: Moment, changes: Changes, lost: number[]): void {
    const look = table.look(row, withStat, now);
    if (look === 'unread') return;
    if (look === 'gone') {
      table.remove(row);
      changes.exited.push(row.sample.key);
      lost.push(row.sample.pid);
      return;
    }
    changes.refreshed.push(row.sample.key);
    footprints.consider(row);
    if (look === 'renewed') changes.execed.push(row.sample.key);
  }
}

interface Finder {
  (now: Moment, all: boolean, lost: readonly number[], changes: Changes): void;
  /** Processes that are listed but may not be read (hidepid=1), as of the last full list. */
  hidden(): number;
}

function createFinder({ io, procRoot, table, discovery, footprints }: SamplerParts): Finder {
  // Kernel threads have no memory of their own. Their pids are skipped until the next minute's list asks again.
  const kernel = new Set<number>();
  const hidden = new Set<number>();

  function adopt(pid: number, now: Moment, changes: Changes): void {
    const adopted = table.adopt(pid, now);
    if (adopted === 'kernel') kernel.add(pid);
    else if (adopted === 'hidden') hidden.add(pid);
    else if (adopted !== 'gone') {
      changes.started.push(adopted.sample.key);
      changes.refreshed.push(adopted.sample.key);
      footprints.consider(adopted);
    }
  }

  function probe(pid: number, now: Moment, changes: Changes): void {
    const row = table.byPid.get(pid);
    if (row !== undefined) {
      // Only a look tells 'gone' from 'could not be read just now'.
      if (table.look(row, true, now) !== 'gone') return;
      table.remove(row);
      changes.exited.push(row.sample.key);
    }
    if (isThreadGroupLeader(io, procRoot, pid)) adopt(pid, now, changes);
  }

  const find = (now: Moment, all: boolean, lost: readonly number[], changes: Changes): void => {
    // A pid that was lost may have a new owner already, which no later probe would come across.
    for (const pid of lost) probe(pid, now, changes);
    const candidates = discovery.candidates(now.monotonicMs, table.byPid.size, all);
    if (candidates.kind === 'probe') {
      for (const pid of candidates.pids) probe(pid, now, changes);
      return;
    }
    if (candidates.periodic) kernel.clear();
    hidden.clear();
    for (const pid of candidates.pids) {
      if (!table.byPid.has(pid) && !kernel.has(pid)) adopt(pid, now, changes);
    }
  };
  return Object.assign(find, { hidden: () => hidden.size });
}
