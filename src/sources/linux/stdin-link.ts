import type { ProcessId } from '../../model/index.ts';

/** Process → text of its `fd/0` link, or the failure to read it. */
export type StdinLinks = ReadonlyMap<ProcessId, string | number>;

/** `socket:[1057]` → 1057. */
export function inodeOf(link: string, kind: 'socket' | 'pipe'): number | null {
  const match = /^(socket|pipe):\[(\d+)\]$/.exec(link);
  return match === null || match[1] !== kind ? null : Number(match[2]);
}

/** All inodes of one kind among the links. */
export function inodesOf(stdins: StdinLinks, kind: 'socket' | 'pipe'): Set<number> {
  const inodes = new Set<number>();
  for (const stdin of stdins.values()) {
    const inode = typeof stdin === 'string' ? inodeOf(stdin, kind) : null;
    if (inode !== null) inodes.add(inode);
  }
  return inodes;
}
