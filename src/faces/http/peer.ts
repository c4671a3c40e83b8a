import { readFile, readdir, readlink } from 'node:fs/promises';
import type { Socket } from 'node:net';

/**
 * The process at the other end of a loopback connection: its row in `/proc/net/tcp` names the socket's inode, and the
 * process of our own user that holds this inode is it. Null: not Linux, another user's process, or one that has gone.
 * A process that inherited the socket would be named too; the one with the lowest pid wins.
 */
export async function peerPid(socket: Socket, procRoot = '/proc'): Promise<number | null> {
  const { remotePort, localPort } = socket;
  if (process.platform !== 'linux' || remotePort === undefined || localPort === undefined) return null;
  try {
    const inode = inodeOf(await readFile(`${procRoot}/net/tcp`, 'utf8'), remotePort, localPort);
    return inode === null ? null : await holderOf(`socket:[${inode}]`, procRoot);
  } catch {
    return null;
  }
}

/** Pure: the inode of our own user's socket that is bound to `fromPort` and connected to `toPort` on 127.0.0.1. */
export function inodeOf(table: string, fromPort: number, toPort: number, uid = process.getuid?.()): number | null {
  const local = endpoint(fromPort);
  const remote = endpoint(toPort);
  for (const line of table.split('\n')) {
    // sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode
    const fields = line.trim().split(/\s+/);
    if (fields[1] !== local || fields[2] !== remote || Number(fields[7]) !== uid) continue;
    const inode = Number(fields[9]);
    return inode > 0 ? inode : null;
  }
  return null;
}

/** 127.0.0.1 as the kernel prints it: the address as a little-endian word, the port in hex. */
function endpoint(port: number): string {
  return `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
}

async function holderOf(link: string, procRoot: string): Promise<number | null> {
  const pids = (await readdir(procRoot)).map(Number).filter(Number.isInteger);
  for (const pid of pids.sort((a, b) => a - b)) {
    if (pid === process.pid) continue;
    if (await holds(`${procRoot}/${pid}/fd`, link)) return pid;
  }
  return null;
}

async function holds(directory: string, link: string): Promise<boolean> {
  // Unreadable: another user's process, or one that ended meanwhile.
  const descriptors = await readdir(directory).catch(() => []);
  for (const name of descriptors) {
    if ((await readlink(`${directory}/${name}`).catch(() => '')) === link) return true;
  }
  return false;
}
