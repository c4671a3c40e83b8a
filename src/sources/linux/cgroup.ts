import { existsSync } from 'node:fs';
import type { CgroupMemory } from '../../model/index.ts';
import type { ProcIo } from './proc-io.ts';
import { numberAfter } from './parse-text.ts';

/** Which hierarchy the memory controller is in, and where that is mounted. */
export interface CgroupMount {
  readonly version: 1 | 2;
  readonly root: string;
}

/** v1 says "no limit" with LONG_MAX rounded down to a page: everything beyond this is none. */
const NO_LIMIT_BYTES = 2 ** 60;

/** A hybrid system mounts v2 as well, but without the memory controller: v1 is asked first. */
export function findCgroupMount(cgroupRoot: string): CgroupMount | null {
  if (existsSync(`${cgroupRoot}/memory/memory.usage_in_bytes`)) return { version: 1, root: `${cgroupRoot}/memory` };
  if (existsSync(`${cgroupRoot}/cgroup.controllers`)) return { version: 2, root: cgroupRoot };
  return null;
}

/**
 * From `/proc/PID/cgroup` the path inside the hierarchy that holds the memory controller. Null when it is not there or
 * lies outside of our cgroup namespace (`/../…`), where no file shows its limit.
 */
export function parseCgroupPath(text: string, version: 1 | 2): string | null {
  for (const line of text.split('\n')) {
    const match = /^\d+:([^:]*):(\/.*)$/.exec(line);
    if (match === null) continue;
    const controllers = match[1] ?? '';
    const mine = version === 2 ? controllers === '' : controllers.split(',').includes('memory');
    if (mine) return isInside(match[2] ?? '') ? (match[2] ?? null) : null;
  }
  return null;
}

function isInside(path: string): boolean {
  return path.startsWith('/') && !path.split('/').includes('..') && !path.includes('\0');
}

/**
 * The cgroup on the way from `path` up to the root that leaves the least room (limit − working set; the tightest need not
 * be the nearest, since siblings use up an ancestor's). Null when none of them has a limit.
 */
export function tightestCgroup(io: ProcIo, mount: CgroupMount, path: string): CgroupMemory | null {
  if (!isInside(path)) return null;
  let tightest: CgroupMemory | null = null;
  for (let at = trimmed(path); ; at = at.slice(0, at.lastIndexOf('/'))) {
    const memory = readCgroup(io, mount, at);
    if (memory !== null && (tightest === null || room(memory) < room(tightest))) tightest = memory;
    if (at === '') return tightest;
  }
}

/** One cgroup's figures; null when it has no limit, or is not visible here (a container sees only its own as root). */
export function readCgroup(io: ProcIo, mount: CgroupMount, path: string): CgroupMemory | null {
  const directory = `${mount.root}${path}`;
  return mount.version === 1 ? readV1(io, directory, path) : readV2(io, directory, path);
}

function readV1(io: ProcIo, directory: string, path: string): CgroupMemory | null {
  const limitBytes = readLimit(io, `${directory}/memory.limit_in_bytes`);
  if (limitBytes === null) return null;
  const usage = readNumber(io, `${directory}/memory.usage_in_bytes`);
  const stat = readText(io, `${directory}/memory.stat`);
  if (usage === null || stat === null) return null;
  // memsw limits memory and swap together.
  const both = readLimit(io, `${directory}/memory.memsw.limit_in_bytes`);
  const inactive = numberAfter(stat, 'total_inactive_file ') ?? numberAfter(stat, 'inactive_file ') ?? 0;
  const control = readText(io, `${directory}/memory.oom_control`);
  return {
    path: path === '' ? '/' : path,
    version: 1,
    limitBytes,
    highBytes: null,
    swapLimitBytes: both === null ? null : Math.max(0, both - limitBytes),
    workingSetBytes: Math.max(0, usage - inactive),
    oomKills: control === null ? null : numberAfter(control, 'oom_kill '),
  };
}

function readV2(io: ProcIo, directory: string, path: string): CgroupMemory | null {
  const limitBytes = readLimit(io, `${directory}/memory.max`);
  const highBytes = readLimit(io, `${directory}/memory.high`);
  if (limitBytes === null && highBytes === null) return null;
  const usage = readNumber(io, `${directory}/memory.current`);
  const stat = readText(io, `${directory}/memory.stat`);
  if (usage === null || stat === null) return null;
  const events = readText(io, `${directory}/memory.events`);
  return {
    path: path === '' ? '/' : path,
    version: 2,
    limitBytes,
    highBytes,
    swapLimitBytes: readLimit(io, `${directory}/memory.swap.max`),
    workingSetBytes: Math.max(0, usage - (numberAfter(stat, 'inactive_file ') ?? 0)),
    oomKills: events === null ? null : numberAfter(events, 'oom_kill '),
  };
}

function room({ limitBytes, highBytes, workingSetBytes }: CgroupMemory): number {
  return Math.min(limitBytes ?? Infinity, highBytes ?? Infinity) - workingSetBytes;
}

function readText(io: ProcIo, path: string): string | null {
  const length = io.read(path);
  return length < 0 ? null : io.bytes.toString('latin1', 0, length);
}

function readNumber(io: ProcIo, path: string): number | null {
  const text = readText(io, path);
  return text !== null && /^\d+\n?$/.test(text) ? Number(text) : null;
}

/** `max` (v2) and figures beyond any memory (v1) are no limit. */
function readLimit(io: ProcIo, path: string): number | null {
  const value = readNumber(io, path);
  return value === null || value >= NO_LIMIT_BYTES ? null : value;
}

function trimmed(path: string): string {
  return path.replace(/\/+$/, '');
}
