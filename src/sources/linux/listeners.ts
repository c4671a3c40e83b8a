import type { ProcIo } from './proc-io.ts';
import { inodeOf } from './stdin-link.ts';

/**
 * Does a process listen for clients? Asked only of those whose stdin is dead (a handful): a server that can be reached by
 * TCP or a UNIX socket may be in use without any stdin.
 */

/** A table of 100,000 sockets is 15 MB; more is cut, and then the answer is 'not known'. */
const MAX_TABLE_BYTES = 40 * 1024 * 1024;
/** A server with more descriptors than this is no idle orphan; asking for each link would cost 3 µs. */
const MAX_LINKS = 4096;

/** `st` of include/net/tcp_states.h: TCP_LISTEN. */
const TCP_LISTEN = '0A';
/** Flags of /proc/net/unix: __SO_ACCEPTCON of include/uapi/linux/net.h. */
const SO_ACCEPTCON = 0x1_0000;

/** Inodes of listening sockets in the text of `/proc/net/tcp` or `tcp6`: "sl local remote st … inode …". */
export function tcpListeners(text: string): number[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/, 10);
    return fields[3] === TCP_LISTEN ? [Number(fields[9])] : [];
  });
}

/** Inodes of listening sockets in the text of `/proc/net/unix`: "Num RefCount Protocol Flags Type St Inode [Path]". */
export function unixListeners(text: string): number[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/, 7);
    return (Number.parseInt(fields[3] ?? '', 16) & SO_ACCEPTCON) === 0 ? [] : [Number(fields[6])];
  });
}

/** Undefined: not known (its descriptors or its socket tables could not be read). Tables are read once a namespace. */
export function createListeners(io: ProcIo, procRoot: string): (pid: number) => boolean | undefined {
  const tables = new Map<string, ReadonlySet<number> | null>();

  function tableOf(pid: number): ReadonlySet<number> | null {
    const namespace = io.link(`${procRoot}/${pid}/ns/net`);
    const name = typeof namespace === 'string' ? namespace : `pid ${pid}`;
    let known = tables.get(name);
    if (known === undefined) tables.set(name, (known = readTables(`${procRoot}/${pid}/net`)));
    return known;
  }

  function readTables(dir: string): ReadonlySet<number> | null {
    const inodes = new Set<number>();
    for (const [file, parse] of [
      ['tcp', tcpListeners],
      ['tcp6', tcpListeners],
      ['unix', unixListeners],
    ] as const) {
      const read = io.readAll(`${dir}/${file}`, MAX_TABLE_BYTES);
      // A kernel without IPv6 has no tcp6.
      if (typeof read === 'number' && file === 'tcp6') continue;
      if (typeof read === 'number' || read.cut) return null;
      for (const inode of parse(read.bytes.toString('latin1'))) inodes.add(inode);
    }
    return inodes;
  }

  return (pid) => {
    const listening = tableOf(pid);
    const names = io.list(`${procRoot}/${pid}/fd`);
    if (listening === null || typeof names === 'number' || names.length > MAX_LINKS) return undefined;
    return names.some((name) => {
      const link = io.link(`${procRoot}/${pid}/fd/${name}`);
      const inode = typeof link === 'string' ? inodeOf(link, 'socket') : null;
      return inode !== null && listening.has(inode);
    });
  };
}
