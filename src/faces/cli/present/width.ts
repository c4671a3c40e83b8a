/** How many terminal columns a text takes, and cutting it to fit. */

/**
 * Blocks that terminals draw two columns wide: the ranges of Unicode's EastAsianWidth.txt (16.0) with value W or F,
 * joined where only unassigned code points lie between.
 */
const WIDE =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4c6\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6]|[\u{16fe0}-\u{18d08}]|[\u{1b000}-\u{1b2fb}]|[\u{1f200}-\u{1f265}]|[\u{20000}-\u{3fffd}]/u;

/** A pictograph that is drawn as an emoji by itself, or is asked to be by U+FE0F. */
const EMOJI = /\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f/u;

/** Marks that sit on the character before them. */
const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

/** ASCII, Latin, arrows, box drawing, blocks, geometric shapes: one column each, and nearly all that is ever drawn. */
const NARROW = /^[\u0020-\u007e\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u21ff\u2500-\u25fc]*$/;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function graphemeWidth(grapheme: string): number {
  if (ZERO_WIDTH.test(grapheme)) return 0;
  return EMOJI.test(grapheme) || WIDE.test(grapheme) ? 2 : 1;
}

/** Columns that `text` takes on a terminal. `text` holds no control characters. */
export function displayWidth(text: string): number {
  if (NARROW.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += graphemeWidth(segment);
  return width;
}

/** `text` in at most `width` columns; cut text ends in `ellipsis`. Never splits a character. */
export function cut(text: string, width: number, ellipsis: string): string {
  if (displayWidth(text) <= width) return text;
  const room = width - displayWidth(ellipsis);
  if (room <= 0) return ellipsis.slice(0, Math.max(0, width));
  let out = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    const next = graphemeWidth(segment);
    if (used + next > room) break;
    out += segment;
    used += next;
  }
  return out + ellipsis;
}
