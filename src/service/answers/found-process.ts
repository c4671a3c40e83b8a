import type { CgroupMemory, HostSample, ProcessId, ProcessKey, Runtime, Source } from '../../model/index.ts';
import type { World } from '../engine/world.ts';

/** What is known of a process that is to be looked into. */
export interface FoundProcess extends ProcessId {
  readonly id: ProcessKey;
  readonly name: string;
  readonly runtime: Runtime;
  /** What its memory cgroup has left under its limit; null: it has none. */
  readonly cgroupRoomBytes: number | null;
  readonly hostAvailableBytes: number;
}

/** The live process with this pid, or with this `pid:startTime`; null: there is none. */
export async function foundProcess(
  world: World,
  source: Source,
  host: HostSample,
  target: string,
): Promise<FoundProcess | null> {
  const [, pid, startTime] = /^(\d{1,10})(?::(\d+))?$/.exec(target) ?? [];
  const row = pid === undefined ? null : world.byPid(Number(pid));
  if (row === null || (startTime !== undefined && row.sample.startTime !== Number(startTime))) return null;
  const { sample, facts, attribution } = row;
  const found = {
    id: sample.key,
    pid: sample.pid,
    startTime: sample.startTime,
    name: attribution.serverName ?? attribution.client ?? facts.comm,
    runtime: facts.runtime,
    hostAvailableBytes: host.memoryAvailableBytes,
  };
  const cgroup = facts.cgroup === null ? null : await source.cgroupMemory(facts.cgroup);
  return { ...found, cgroupRoomBytes: cgroup === null ? null : roomIn(cgroup) };
}

/** Up to where the kernel kills (`memory.max`) or slows down (`memory.high`), whichever comes first. */
function roomIn({ limitBytes, highBytes, workingSetBytes }: CgroupMemory): number | null {
  const limit = Math.min(limitBytes ?? Number.POSITIVE_INFINITY, highBytes ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(limit) ? Math.max(0, limit - workingSetBytes) : null;
}
