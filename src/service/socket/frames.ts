/** Messages on the socket: one JSON text a line, UTF-8, bounded in length on both sides. */

/** What a client may send: a query with its cursor is below 10 KiB. */
export const MAX_REQUEST_BYTES = 64 * 1024;
/** What the service may answer: a status of 5,000 processes is about 8 MiB. */
export const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

const NEWLINE = 0x0a;

/**
 * Splits a stream of chunks into lines. The unfinished line is kept in one buffer that doubles: a peer that sends byte by
 * byte costs no more than one that sends at once. `push` returns false when a line is longer than `maxBytes`.
 */
export function createLineSplitter(maxBytes: number, onLine: (line: string) => void): (chunk: Buffer) => boolean {
  let held = Buffer.alloc(0);
  let heldBytes = 0;

  const hold = (piece: Buffer): void => {
    if (heldBytes + piece.length > held.length) {
      const grown = Buffer.alloc(Math.min(maxBytes, Math.max(1024, 2 * (heldBytes + piece.length))));
      held.copy(grown, 0, 0, heldBytes);
      held = grown;
    }
    piece.copy(held, heldBytes);
    heldBytes += piece.length;
  };

  return (chunk) => {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      const piece = chunk.subarray(start, end === -1 ? chunk.length : end);
      if (heldBytes + piece.length > maxBytes) return false;
      if (end === -1) {
        if (piece.length > 0) hold(piece);
        return true;
      }
      const whole = heldBytes === 0;
      if (!whole) hold(piece);
      const line = (whole ? piece : held.subarray(0, heldBytes)).toString('utf8');
      held = Buffer.alloc(0);
      heldBytes = 0;
      start = end + 1;
      onLine(line);
    }
  };
}
