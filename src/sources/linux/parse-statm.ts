const SPACE = 32;
const ZERO = 48;
const NINE = 57;

/** Filled in place: a sweep over thousands of processes makes no garbage. */
export interface StatmPages {
  resident: number;
  /** Resident file-backed and shared-memory pages. `resident − shared` is RssAnon. */
  shared: number;
}

/**
 * `/proc/PID/statm`: "size resident shared text lib data dt", in pages (proc(5)).
 * False when the text is torn or not numbers; `into` then holds nothing of use.
 */
export function parseStatm(bytes: Uint8Array, length: number, into: StatmPages): boolean {
  let at = 0;
  while (at < length && isDigit(bytes[at])) at += 1;
  if (at === 0 || at >= length || bytes[at] !== SPACE) return false;
  let value = 0;
  let from = (at += 1);
  while (at < length && isDigit(bytes[at])) value = value * 10 + (bytes[at++] as number) - ZERO;
  if (at === from || at >= length || bytes[at] !== SPACE) return false;
  into.resident = value;
  value = 0;
  from = at += 1;
  while (at < length && isDigit(bytes[at])) value = value * 10 + (bytes[at++] as number) - ZERO;
  // The number must have ended before the text did: a torn "12" may have been "1234".
  if (at === from || at >= length) return false;
  into.shared = value;
  return true;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}
