import { posix } from 'node:path';
import type { ProcessId } from '../../model/index.ts';
import type { CgroupPlace, Host, Written } from './host.ts';

/** Caps on memory by cgroup v2, and what proves that they are in place. Bytes; null: no cap ('max'). */
export interface Caps {
  readonly maxBytes: number | null;
  readonly highBytes: number | null;
}

export interface Caged {
  /** The cgroup that the caps are on. */
  readonly place: CgroupPlace;
  /** What the kernel says, read back after it was set. */
  readonly caps: Caps;
}

const textOf = (bytes: number | null): string => (bytes === null ? 'max' : String(bytes));

/** `memory.max` and `memory.high` as the kernel has them; null: not readable. */
export function readCaps(host: Host, place: CgroupPlace): Caps | null {
  const [max, high] = [host.readCgroup(place, 'memory.max'), host.readCgroup(place, 'memory.high')];
  if (max === null || high === null) return null;
  const bytes = (text: string): number | null => (text.trim() === 'max' ? null : Number(text.trim()));
  return { maxBytes: bytes(max), highBytes: bytes(high) };
}

/** The kernel rounds down to pages: a cap that reads back within one page of what was asked is the one that was asked. */
const PAGE_BYTES = 64 * 1024;

export const isSet = (wanted: number | null, found: number | null): boolean =>
  wanted === null || (found !== null && found <= wanted && wanted - found < PAGE_BYTES);

/** systemd answers before it has moved the process, which takes it some ms; a loaded machine, a second (untried here). */
const SCOPE_WAIT_MS = 2_000;
const POLL_MS = 50;
/** A bus that does not answer in this time hangs: the action fails, rather than the asker waiting with it. */
const COMMAND_MS = 5_000;

/**
 * A scope of the user's own systemd: it moves the process there and sets the caps in one call (StartTransientUnit with
 * PIDs, org.freedesktop.systemd1(5)); `systemd-run --scope` only starts new programs. The answer of systemd is not
 * believed: without the controller it accepts a cap and sets none.
 */
export async function cageByScope(host: Host, process: ProcessId, caps: Caps): Promise<Caged | { problem: string }> {
  const unit = `rampart-${process.pid}-${process.startTime}.scope`;
  const numbers = (
    [
      ['MemoryMax', caps.maxBytes],
      ['MemoryHigh', caps.highBytes],
    ] as const
  ).flatMap(([name, bytes]) => (bytes === null ? [] : [name, 't', String(bytes)]));
  const before = host.cgroup(process);
  const manager = ['org.freedesktop.systemd1', '/org/freedesktop/systemd1', 'org.freedesktop.systemd1.Manager'];
  const properties = [String(1 + numbers.length / 3), 'PIDs', 'au', '1', String(process.pid), ...numbers];
  const call = [
    '--user',
    'call',
    ...manager,
    'StartTransientUnit',
    'ssa(sv)a(sa(sv))',
    unit,
    'fail',
    ...properties,
    '0',
  ];
  const { status, stderr } = await host.run('busctl', call, COMMAND_MS);
  if (status !== 0) return { problem: firstLine(stderr) || 'systemd does not answer' };
  for (let waitedMs = 0; waitedMs <= SCOPE_WAIT_MS; waitedMs += POLL_MS) {
    const place = host.cgroup(process);
    if (place !== null && place.path !== before?.path) return proven(host, place, caps);
    await host.sleep(POLL_MS);
  }
  return { problem: 'systemd accepted it, and the process was not moved' };
}

/** A cgroup that was delegated to us: a new one beside that of the process, which then moves there. */
export function cageBeside(host: Host, process: ProcessId, caps: Caps): Caged | { problem: string } {
  const now = host.cgroup(process);
  if (now === null) return { problem: 'there is no cgroup v2 hierarchy here' };
  const parent: CgroupPlace = { ...now, path: posix.dirname(now.path) };
  if (!/\bmemory\b/.test(host.readCgroup(parent, 'cgroup.subtree_control') ?? '')) {
    return { problem: 'its parent cgroup does not hand down the memory controller' };
  }
  const place: CgroupPlace = {
    root: now.root,
    path: posix.join(parent.path, `rampart-${process.pid}-${process.startTime}`),
    hasMemory: true,
  };
  const steps: (() => Written)[] = [
    () => host.makeCgroup(place),
    () => host.writeCgroup(place, 'memory.max', textOf(caps.maxBytes)),
    () => host.writeCgroup(place, 'memory.high', textOf(caps.highBytes)),
    () => host.writeCgroup(place, 'cgroup.procs', String(process.pid)),
  ];
  for (const step of steps) {
    const written = step();
    if (written === 'ok') continue;
    host.removeCgroup(place);
    return { problem: `the cgroup may not be used (${written.problem})` };
  }
  return proven(host, place, caps);
}

function proven(host: Host, place: CgroupPlace, caps: Caps): Caged | { problem: string } {
  const found = readCaps(host, place);
  if (found === null) return { problem: 'the caps cannot be read back' };
  if (isSet(caps.maxBytes, found.maxBytes) && isSet(caps.highBytes, found.highBytes)) return { place, caps: found };
  return { problem: `the kernel has max ${textOf(found.maxBytes)}, high ${textOf(found.highBytes)}` };
}

const firstLine = (text: string): string => text.split('\n')[0]?.trim() ?? '';
