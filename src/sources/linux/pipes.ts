import type { LifeSigns, ProcessId } from '../../model/index.ts';
import { nameBytes } from './parse-stat.ts';
import { DENIED, type ProcIo } from './proc-io.ts';
import type { ProcessTable } from './process-table.ts';
import { type StdinLinks, inodeOf, inodesOf } from './stdin-link.ts';

/** Python and shells give their children pipes. Who holds the writing end is in no table: every process must be asked. */
export interface PipeOptions {
  readonly io: ProcIo;
  readonly procRoot: string;
  readonly table: ProcessTable;
}

type Answer = { readonly stdinPeer: LifeSigns['stdinPeer']; readonly reason: string | null };

/** A listing of one process's descriptors costs ~80 µs and more with many: one call looks at no more than this many. */
const MOST_DESCRIPTORS = 200_000;
const PLAIN_INITS = /^(?:systemd|init|tini|dumb-init|docker-init|catatonit|s6-svscan|runit|openrc-init)$/;
/** Access mode in the open flags, and "read only" in it (fcntl.h). */
const ACCESS_MODE = 0o3;
const READ_ONLY = 0;

/**
 * Answers per pipe inode. Parents are asked first, all others only when a parent does not hold the pipe; the scan is made
 * at most once. 'dead' needs a complete scan and no ancestor that does not let us look: a client is nearly always an
 * ancestor, and one of another user could hold the pipe unseen.
 */
export function createPipePeers({ io, procRoot, table }: PipeOptions, stdins: StdinLinks) {
  const writers = new Map(Array.from(inodesOf(stdins, 'pipe'), (inode) => [inode, new Set<number>()]));
  const asked = new Map<number, 'read' | 'closed'>();
  let left = MOST_DESCRIPTORS;
  let scanned = false;

  function ask(pid: number): void {
    if (asked.has(pid) || left <= 0) return;
    const directory = `${procRoot}/${pid}/fd`;
    const names = io.list(directory);
    asked.set(pid, typeof names === 'number' ? 'closed' : 'read');
    if (typeof names === 'number') return;
    left -= names.length;
    for (const name of names) {
      const target = io.link(`${directory}/${name}`);
      // Some kernels let us list the numbers and not look behind them.
      if (target === DENIED) asked.set(pid, 'closed');
      const inode = typeof target === 'string' && target.startsWith('pipe:') ? inodeOf(target, 'pipe') : null;
      if (inode === null) continue;
      const holders = writers.get(inode);
      if (holders !== undefined && isWritable(io, `${procRoot}/${pid}/fdinfo/${name}`)) holders.add(pid);
    }
  }

  function askAll(): void {
    if (scanned) return;
    scanned = true;
    for (const pid of table.byPid.keys()) ask(pid);
  }

  function hasClosedAncestor(pid: number): boolean {
    let at = table.byPid.get(pid)?.sample.ppid ?? 0;
    // Parents change while we walk: the bound keeps a torn chain from going in circles.
    for (let steps = 0; at > 1 && steps < 256; steps += 1) {
      if (asked.get(at) !== 'read') return true;
      at = table.byPid.get(at)?.sample.ppid ?? 0;
    }
    return at === 1 && asked.get(1) !== 'read' && !initIsPlain();
  }

  /** A known init adopts orphans and holds nobody's pipe; in a container, pid 1 may well be the client itself. */
  function initIsPlain(): boolean {
    const length = io.read(`${procRoot}/1/stat`);
    return length > 0 && PLAIN_INITS.test(new TextDecoder().decode(nameBytes(io.bytes, length)));
  }

  /** Another process than itself holds the writing end. */
  const held = (inode: number, self: number): boolean => {
    const holders = writers.get(inode);
    return holders !== undefined && (holders.size > 1 || (holders.size === 1 && !holders.has(self)));
  };

  return (process: ProcessId, inode: number): Answer => {
    const parent = table.byPid.get(process.pid)?.sample.ppid;
    if (parent !== undefined && parent > 0) ask(parent);
    if (held(inode, process.pid)) return { stdinPeer: 'alive', reason: null };
    askAll();
    if (held(inode, process.pid)) return { stdinPeer: 'alive', reason: null };
    if (left <= 0) return { stdinPeer: null, reason: 'too many open descriptors on this machine to ask them all' };
    if (parent === undefined)
      return { stdinPeer: null, reason: 'no sweep has seen it yet, so its client is not known' };
    if (hasClosedAncestor(process.pid)) {
      return {
        stdinPeer: null,
        reason: 'its stdin is a pipe, and an ancestor that may not be read may hold the other end',
      };
    }
    return { stdinPeer: 'dead', reason: null };
  };
}

/** `flags:` in fdinfo is octal, as given to open(2). */
function isWritable(io: ProcIo, path: string): boolean {
  const length = io.read(path);
  const match = length < 0 ? null : /^flags:\t([0-7]+)$/m.exec(io.bytes.toString('latin1', 0, length));
  return match !== null && (Number.parseInt(match[1] ?? '0', 8) & ACCESS_MODE) !== READ_ONLY;
}
