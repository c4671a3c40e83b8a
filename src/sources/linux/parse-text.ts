/**
 * Parsers of the small keyed files. They take text, since these files are read a few times a second, not a thousand.
 */

/** The decimal number after `label` at the start of a line; null when the line is missing or torn. */
export function numberAfter(text: string, label: string): number | null {
  let from = text.startsWith(label) ? 0 : text.indexOf(`\n${label}`) + 1;
  if (from === 0 && !text.startsWith(label)) return null;
  from += label.length;
  while (text[from] === ' ' || text[from] === '\t') from += 1;
  let to = from;
  while (to < text.length && text.charCodeAt(to) >= 48 && text.charCodeAt(to) <= 57) to += 1;
  // At the very end of the text the number may be torn.
  return to === from || to === text.length ? null : Number(text.slice(from, to));
}

/** `MemTotal:  24684096 kB` → bytes. */
export function kilobytesAfter(text: string, label: string): number | null {
  const value = numberAfter(text, label);
  return value === null ? null : value * 1024;
}

/** Of `/proc/loadavg` ("0.25 0.08 0.05 1/94 7421"): the pid given out last in the reader's pid namespace. */
export function parseLastPid(text: string): number | null {
  const match = /^\S+ \S+ \S+ \d+\/\d+ (\d+)\n/.exec(text);
  return match === null ? null : Number(match[1]);
}

/** `memory` line sums of `smaps_rollup`, or of `smaps`, which repeats each label once per mapping. */
export interface RollupBytes {
  readonly rssBytes: number;
  readonly pssBytes: number;
  readonly ussBytes: number;
  readonly swapBytes: number;
}

/**
 * Fields after Documentation/filesystems/proc.rst. USS is Private_Clean + Private_Dirty. SwapPss (4.3) is the fair share
 * of swap; before it, Swap counts shared pages in full. Huge TLB pages are in none of the four.
 */
export function parseRollup(text: string): RollupBytes | null {
  let rss = 0;
  let pss = 0;
  let uss = 0;
  let swap = 0;
  let swapPss = 0;
  let seen = 0;
  for (const match of text.matchAll(/^(Rss|Pss|Private_Clean|Private_Dirty|Swap|SwapPss): +(\d+) kB$/gm)) {
    const value = Number(match[2]);
    switch (match[1]) {
      case 'Rss':
        rss += value;
        seen |= 1;
        break;
      case 'Pss':
        pss += value;
        seen |= 2;
        break;
      case 'Swap':
        swap += value;
        seen |= 8;
        break;
      case 'SwapPss':
        swapPss += value;
        seen |= 16;
        break;
      default:
        uss += value;
        seen |= 4;
    }
  }
  if ((seen & 7) !== 7) return null;
  const swapKilobytes = (seen & 16) === 0 ? swap : swapPss;
  return { rssBytes: rss * 1024, pssBytes: pss * 1024, ussBytes: uss * 1024, swapBytes: swapKilobytes * 1024 };
}

const PRESSURE = {
  some: /^some avg10=(\d+(?:\.\d+)?) .*total=(\d+)$/m,
  full: /^full avg10=(\d+(?:\.\d+)?) .*total=(\d+)$/m,
};

/** `some avg10=0.00 avg60=0.00 avg300=0.00 total=0` → average over 10 s in percent, total in µs. */
export function parsePressureLine(text: string, kind: 'some' | 'full'): { avg10: number; totalUs: number } | null {
  const match = PRESSURE[kind].exec(text);
  return match === null ? null : { avg10: Number(match[1]), totalUs: Number(match[2]) };
}
