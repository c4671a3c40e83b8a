/**
 * The kernel's table of UNIX sockets tells whether a connected socket still has its peer: a socket holds one reference
 * for itself, one for the table, and its peer holds the third. 3: someone is there; 2: the peer is gone.
 * Anything above 3 is a passing reference on top and counts as alive.
 */
export type PeerVerdict = 'alive' | 'dead' | 'ambiguous';

const NEWLINE = 10;
const SPACE = 32;
const LIVE_REFERENCES = 3;

/**
 * Verdicts for the wanted inodes, in one pass over `/proc/net/unix`. Abstract names may hold any byte, newlines too, so a
 * process can forge a whole line. It cannot remove the true one: an inode that is there twice is 'ambiguous'.
 */
export function parseUnixPeers(bytes: Uint8Array, wanted: ReadonlySet<number>): Map<number, PeerVerdict> {
  const verdicts = new Map<number, PeerVerdict>();
  let from = 0;
  while (from < bytes.length) {
    let to = bytes.indexOf(NEWLINE, from);
    if (to < 0) to = bytes.length;
    const line = readLine(bytes, from, to);
    if (line !== null && wanted.has(line.inode)) {
      const verdict = line.references >= LIVE_REFERENCES ? 'alive' : 'dead';
      verdicts.set(line.inode, verdicts.has(line.inode) ? 'ambiguous' : verdict);
    }
    from = to + 1;
  }
  return verdicts;
}

/** "Num RefCount Protocol Flags Type St Inode [Path]": RefCount is hexadecimal, Inode decimal. */
function readLine(bytes: Uint8Array, from: number, to: number): { references: number; inode: number } | null {
  let references = 0;
  let field = 0;
  let start = from;
  for (let at = from; at <= to; at += 1) {
    if (at < to && bytes[at] !== SPACE) continue;
    // Fields are separated by one blank, but the inode is padded to five columns.
    if (at > start) {
      if (field === 1) references = number(bytes, start, at, 16);
      if (field === 6) {
        const inode = number(bytes, start, at, 10);
        return Number.isNaN(references) || Number.isNaN(inode) ? null : { references, inode };
      }
      field += 1;
    }
    start = at + 1;
  }
  return null;
}

function number(bytes: Uint8Array, from: number, to: number, radix: 10 | 16): number {
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] as number;
    const digit = byte >= 48 && byte <= 57 ? byte - 48 : byte >= 97 && byte <= 102 ? byte - 87 : 99;
    if (digit >= radix) return Number.NaN;
    value = value * radix + digit;
  }
  return value;
}
