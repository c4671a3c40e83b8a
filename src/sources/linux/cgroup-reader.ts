import type { CgroupMemory } from '../../model/index.ts';
import { findCgroupMount, parseCgroupPath, readCgroup, tightestCgroup } from './cgroup.ts';
import type { ProcIo } from './proc-io.ts';

/** Limits and memberships rarely change; figures of the binding one are read at every tick. */
const SEARCH_PERIOD_MS = 30_000;

export interface CgroupReader {
  readonly version: 1 | 2 | null;
  /** The tightest limited cgroup around this very process. */
  own(nowMs: number): CgroupMemory | null;
  /** The tightest limited cgroup from `path` upwards. */
  at(path: string): CgroupMemory | null;
  /** Path of another process's memory cgroup; null when unknown. */
  pathOf(pid: number): string | null;
}

export function createCgroupReader(io: ProcIo, procRoot: string, cgroupRoot: string): CgroupReader {
  const mount = findCgroupMount(cgroupRoot);
  let binding: string | null = null;
  let searchDueMs = Number.NEGATIVE_INFINITY;

  const pathOf = (pid: number | 'self'): string | null => {
    if (mount === null) return null;
    const length = io.read(`${procRoot}/${pid}/cgroup`);
    return length < 0 ? null : parseCgroupPath(io.bytes.toString('utf8', 0, length), mount.version);
  };

  return {
    version: mount?.version ?? null,
    own(nowMs) {
      if (mount === null) return null;
      if (nowMs < searchDueMs) return binding === null ? null : readCgroup(io, mount, binding);
      searchDueMs = nowMs + SEARCH_PERIOD_MS;
      const found = tightestCgroup(io, mount, pathOf('self') ?? '/');
      binding = found === null ? null : found.path === '/' ? '' : found.path;
      return found;
    },
    at: (path) => (mount === null ? null : tightestCgroup(io, mount, path)),
    pathOf,
  };
}
