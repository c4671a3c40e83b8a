import { lockName } from './lock.ts';
import type { ProcIo } from '../linux/proc-io.ts';
import { inodeOf } from '../linux/stdin-link.ts';

/** A TCP socket on which a process waits for clients. */
export interface Listening {
  readonly inode: number;
  readonly port: number;
  /** Only this machine can reach it. */
  readonly isLoopback: boolean;
  readonly address: '127.0.0.1' | '::1';
}

export interface Sockets {
  /** By the inodes of its descriptors; null: they could not be read. */
  listening(pid: number): readonly Listening[] | null;
  /** Whether anything listens at this port in our network. */
  isTaken(port: number): boolean;
  /** Whether a Rampart holds it, which gives it back in a moment. */
  isLent(port: number): boolean;
}

/** 150 bytes a socket: a quarter of a million of them. Beyond that it is not known who listens, and nobody is touched. */
const MAX_TABLE_BYTES = 40 * 1024 * 1024;
/** Descriptors of one process; each costs a readlink. */
const MAX_LINKS = 65_536;
/** include/net/tcp_states.h */
const TCP_LISTEN = '0A';
/** 127.0.0.0/8 in the byte order of the table (little endian on every machine that Node supports but s390x). */
const LOOPBACK_V4 = /^[0-9A-F]{6}7F$/;
const LOOPBACK_V6 = '00000000000000000000000001000000';
const MAPPED_LOOPBACK = /^0000000000000000FFFF0000[0-9A-F]{6}7F$/;

/** Rows of `/proc/PID/net/tcp` or `tcp6` in state LISTEN: "sl local_address remote st … inode …". */
export function listenersOf(table: string): Listening[] {
  return table.split('\n').flatMap((row) => {
    const fields = row.trim().split(/\s+/, 10);
    if (fields[3] !== TCP_LISTEN) return [];
    const [address = '', port = ''] = (fields[1] ?? '').split(':');
    const isV6 = address.length === 32;
    const isLoopback = isV6 ? address === LOOPBACK_V6 || MAPPED_LOOPBACK.test(address) : LOOPBACK_V4.test(address);
    return [
      {
        inode: Number(fields[9]),
        port: Number.parseInt(port, 16),
        isLoopback,
        address: address === LOOPBACK_V6 ? ('::1' as const) : ('127.0.0.1' as const),
      },
    ];
  });
}

export function createSockets(io: ProcIo, procRoot: string): Sockets {
  const table = (pid: number | 'self'): Listening[] | null => {
    const found: Listening[] = [];
    for (const file of ['tcp', 'tcp6']) {
      const read = io.readAll(`${procRoot}/${pid}/net/${file}`, MAX_TABLE_BYTES);
      // A kernel without IPv6 has no tcp6.
      if (typeof read === 'number' && file === 'tcp6') continue;
      if (typeof read === 'number') return null;
      found.push(...listenersOf(read.bytes.toString('latin1')));
    }
    return found;
  };

  return {
    listening(pid) {
      const listeners = table(pid);
      const names = io.list(`${procRoot}/${pid}/fd`);
      if (listeners === null || typeof names === 'number' || names.length > MAX_LINKS) return null;
      if (listeners.length === 0) return [];
      const own = new Set<number>();
      for (const name of names) {
        const link = io.link(`${procRoot}/${pid}/fd/${name}`);
        const inode = typeof link === 'string' ? inodeOf(link, 'socket') : null;
        if (inode !== null) own.add(inode);
      }
      return listeners.filter(({ inode }) => own.has(inode));
    },
    isTaken: (port) => table('self')?.some((listener) => listener.port === port) ?? true,
    isLent: (port) => {
      const read = io.readAll(`${procRoot}/self/net/unix`, MAX_TABLE_BYTES);
      return typeof read !== 'number' && read.bytes.includes(` @${lockName(port)}\n`);
    },
  };
}
