import type { LifeSigns, ProcessId } from '../../model/index.ts';
import type { ProcIo } from './proc-io.ts';
import { type StdinLinks, inodesOf } from './stdin-link.ts';
import { type PeerVerdict, parseUnixPeers } from './unix-sockets.ts';

/** A table of 100,000 sockets is 10 MB; beyond four times that it is cut, and what is missing is 'not known'. */
const MAX_UNIX_BYTES = 40 * 1024 * 1024;

/**
 * A socket is listed in the network namespace it was made in, usually the client's and ours. Inode numbers are unique on
 * the machine, so a socket that our table does not have is looked for in the table of its own process's namespace.
 */
export function createSocketPeers(io: ProcIo, procRoot: string, stdins: StdinLinks) {
  const wanted = inodesOf(stdins, 'socket');
  const tables = new Map<string, Map<number, PeerVerdict>>();
  const ours = io.link(`${procRoot}/self/ns/net`);

  function tableAt(namespace: string, path: string): Map<number, PeerVerdict> {
    let known = tables.get(namespace);
    if (known === undefined) {
      const file = io.readAll(path, MAX_UNIX_BYTES);
      known = typeof file === 'number' ? new Map<number, PeerVerdict>() : parseUnixPeers(file.bytes, wanted);
      tables.set(namespace, known);
    }
    return known;
  }

  return (process: ProcessId, inode: number): { stdinPeer: LifeSigns['stdinPeer']; reason: string | null } => {
    let verdict = tableAt('ours', `${procRoot}/net/unix`).get(inode);
    if (verdict === undefined) {
      const theirs = io.link(`${procRoot}/${process.pid}/ns/net`);
      if (typeof theirs === 'string' && theirs !== ours) {
        verdict = tableAt(theirs, `${procRoot}/${process.pid}/net/unix`).get(inode);
      }
    }
    if (verdict === undefined)
      return { stdinPeer: null, reason: 'its stdin is a socket that no UNIX socket table shows' };
    if (verdict === 'ambiguous')
      return { stdinPeer: null, reason: 'the socket table shows its stdin twice: someone forges it' };
    return { stdinPeer: verdict, reason: null };
  };
}
