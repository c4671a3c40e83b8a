/**
 * Titles, command lines and file contents are written by others. Before any of it is stored or shown it passes here:
 * no control characters, no direction or width tricks, no length that hurts.
 */

/**
 * C0 and C1 controls, bidirectional controls, zero-width and other invisible characters, line separators, tags block,
 * lone surrogates (as a range: `\p{Cs}` says the same, but maps 2.4 MiB of Unicode tables into every process). A newline
 * or ESC in a process title can forge a log line, colour a terminal, or close a tool result.
 */
const UNSAFE =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{d800}-\u{dfff}\u{e0000}-\u{e007f}]/gu;

/** Long enough for any honest title, short enough that a 100 KB command line cannot fill a model's context. */
export const MAX_TEXT_LENGTH = 200;

/** One line of plain text of at most `maxLength` characters; cut text ends in "…". */
export function sanitise(text: string, maxLength: number = MAX_TEXT_LENGTH): string {
  // Cut before the regular expressions run: their cost must not grow with hostile input.
  const head = text.length > maxLength * 4 ? text.slice(0, maxLength * 4) : text;
  const clean = head.replace(UNSAFE, ' ').replace(/ {2,}/g, ' ').trim();
  const cut = clean.length > maxLength || head.length < text.length;
  return cut ? `${clean.slice(0, maxLength - 1).replace(/[\u{d800}-\u{dfff}]$/u, '')}…` : clean;
}
