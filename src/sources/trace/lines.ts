/** A line that is longer is no row of figures: it is dropped as it comes, whatever its length. */
export const MAX_LINE = 65_536;

export interface LineReader {
  push(bytes: Uint8Array): void;
  /** Hands out the last line, if the text did not end with a line break. */
  end(): void;
}

/**
 * Cuts a stream of bytes into lines, with a bounded amount of text in hand. Bytes are read as Latin-1: columns and figures
 * are ASCII, and nothing else is looked at. `text` is null for a line that was too long.
 */
export function createLineReader(onLine: (text: string | null, line: number, torn: boolean) => void): LineReader {
  let pending = '';
  let tooLong = false;
  let line = 0;
  const give = (text: string, torn: boolean): void => {
    line += 1;
    if (tooLong || text.length > MAX_LINE) onLine(null, line, torn);
    else onLine(text.endsWith('\r') ? text.slice(0, -1) : text, line, torn);
    tooLong = false;
  };
  return {
    push(bytes) {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
      let from = 0;
      for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
        give(pending + text.slice(from, at), false);
        pending = '';
        from = at + 1;
      }
      pending += text.slice(from);
      if (pending.length <= MAX_LINE) return;
      tooLong = true;
      pending = '';
    },
    end() {
      if (pending !== '' || tooLong) give(pending, true);
      pending = '';
    },
  };
}
