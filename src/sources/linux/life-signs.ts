import { statSync } from 'node:fs';
import type { LifeSigns, ProcessId, ProcessKey } from '../../model/index.ts';
import { createListeners } from './listeners.ts';
import { numberAfter } from './parse-text.ts';
import { createPipePeers } from './pipes.ts';
import { DENIED, NOT_PERMITTED, type ProcIo } from './proc-io.ts';
import type { ProcessTable } from './process-table.ts';
import { createSocketPeers } from './socket-peers.ts';
import { inodeOf } from './stdin-link.ts';

export interface LifeSignsOptions {
  readonly io: ProcIo;
  readonly procRoot: string;
  readonly table: ProcessTable;
}

/** The kernel's text for a link to a pseudo-terminal whose master end is closed. */
const LOST_TERMINAL = /^\/dev\/pts\/\d+ \(deleted\)$/;

type Peer = Pick<LifeSigns, 'stdinPeer' | 'stdinChannel'> & { readonly reason: string | null };

/** Reads signs of life of many processes; the socket table is read once per network namespace, all pipes in one scan. */
export function createLifeSignsReader({ io, procRoot, table }: LifeSignsOptions) {
  return (processes: readonly ProcessId[], thorough = false): Map<ProcessKey, LifeSigns> => {
    const stdins = new Map(processes.map((process) => [process, io.link(`${procRoot}/${process.pid}/fd/0`)]));
    const sockets = createSocketPeers(io, procRoot, stdins);
    const pipes = createPipePeers({ io, procRoot, table }, stdins);
    const listens = createListeners(io, procRoot);
    const signs = new Map<ProcessKey, LifeSigns>();
    for (const [process, stdin] of stdins) {
      const unknown: Record<string, string> = {};
      const peer = peerOf(process, stdin);
      if (peer.reason !== null) unknown['stdinPeer'] = peer.reason;
      if (peer.stdinPeer === null && peer.stdinChannel === null) unknown['stdinChannel'] = peer.reason ?? 'not known';
      const readBytes = readCount(process.pid, unknown);
      const openFiles = countFiles(process.pid, unknown);
      const listening = thorough || peer.stdinPeer === 'dead' ? listens(process.pid) : undefined;
      const channel = thorough ? { hasChannel: hasChannel(process.pid) } : {};
      if (!table.isSame(process)) continue;
      const { stdinPeer, stdinChannel } = peer;
      signs.set(`${process.pid}:${process.startTime}`, {
        stdinPeer,
        stdinChannel,
        readBytes,
        openFiles,
        ...(listening === undefined ? {} : { listening }),
        ...channel,
        unknown,
      });
    }
    return signs;

    function peerOf(process: ProcessId, stdin: string | number): Peer {
      if (stdin === DENIED) return { stdinPeer: null, stdinChannel: null, reason: NOT_PERMITTED };
      // A closed stdin is no channel either.
      if (typeof stdin === 'number') return { stdinPeer: 'none', stdinChannel: null, reason: null };
      const socket = inodeOf(stdin, 'socket');
      if (socket !== null) return { stdinChannel: stdin, ...sockets(process, socket) };
      const pipe = inodeOf(stdin, 'pipe');
      if (pipe !== null) return { stdinChannel: stdin, ...pipes(process, pipe) };
      // A terminal that was closed under it: nobody can type there any more.
      if (LOST_TERMINAL.test(stdin)) return { stdinPeer: 'dead', stdinChannel: stdin, reason: null };
      return { stdinPeer: 'none', stdinChannel: null, reason: null };
    }
  };

  function hasChannel(pid: number): boolean {
    return [0, 1, 2].some((fd) => {
      const link = io.link(`${procRoot}/${pid}/fd/${fd}`);
      return typeof link === 'string' && (inodeOf(link, 'socket') ?? inodeOf(link, 'pipe')) !== null;
    });
  }

  /** `rchar`: bytes returned by read(2) and the like; recv(2) does not count. */
  function readCount(pid: number, unknown: Record<string, string>): number | null {
    const length = io.read(`${procRoot}/${pid}/io`);
    const value = length < 0 ? null : numberAfter(io.bytes.toString('latin1', 0, length), 'rchar:');
    if (value === null) unknown['readBytes'] = length === DENIED ? NOT_PERMITTED : 'no I/O accounting here';
    return value;
  }

  function countFiles(pid: number, unknown: Record<string, string>): number | null {
    const path = `${procRoot}/${pid}/fd`;
    try {
      // Since Linux 6.2 the size of the directory is the number of descriptors; before, it is always 0.
      const { size } = statSync(path);
      if (size > 0) return size;
    } catch {
      // Gone, or no permission: the listing below says which.
    }
    const names = io.list(path);
    if (typeof names !== 'number') return names.length;
    unknown['openFiles'] = names === DENIED ? NOT_PERMITTED : 'its descriptors could not be listed';
    return null;
  }
}
