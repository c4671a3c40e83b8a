import { cut, displayWidth } from './width.ts';

/** What a piece of text means; the palette says how it looks. Never the only sign: a word or glyph says it too. */
export type Tone = 'plain' | 'strong' | 'dim' | 'good' | 'warn' | 'bad' | 'accent' | 'chosen';

export interface Span {
  readonly text: string;
  readonly tone: Tone;
}

/** One line of output before it is painted: pure data, so that views can be tested without escape codes. */
export type Line = readonly Span[];

export function span(text: string, tone: Tone = 'plain'): Span {
  return { text, tone };
}

/** Spans, strings and nested lines in a row; empty parts vanish. */
export function line(...parts: readonly (Span | string | Line | null)[]): Line {
  return parts
    .flatMap((part): readonly Span[] => {
      if (part === null) return [];
      if (typeof part === 'string') return [span(part)];
      return 'text' in part ? [part] : part;
    })
    .filter((part) => part.text !== '');
}

export function plainText(content: Line): string {
  return content.map(({ text }) => text).join('');
}

export function lineWidth(content: Line): number {
  return content.reduce((width, { text }) => width + displayWidth(text), 0);
}

/** The line in at most `width` columns. */
export function cutLine(content: Line, width: number, ellipsis: string): Line {
  if (lineWidth(content) <= width) return content;
  const out: Span[] = [];
  let left = width;
  for (const part of content) {
    const own = displayWidth(part.text);
    // Stop where this part would fill the line although more follows: the ellipsis needs a column.
    if (own >= left) {
      const marked = own > left ? part.text : part.text + ellipsis;
      out.push({ text: cut(marked, left, ellipsis), tone: part.tone });
      break;
    }
    out.push(part);
    left -= own;
  }
  return out;
}

/** The line filled with spaces to `width` columns; a longer one is cut. */
export function fitLine(content: Line, width: number, align: 'left' | 'right', ellipsis: string): Line {
  const short = cutLine(content, width, ellipsis);
  const gap = width - lineWidth(short);
  if (gap <= 0) return short;
  return align === 'left' ? [...short, span(' '.repeat(gap))] : [span(' '.repeat(gap)), ...short];
}

/** A space, but not the one between a figure and its unit. */
const BREAK = / (?!(?:[KMGT]iB|B|%|ms|s|min|h|d)(?:[^\w]|$))/;

/** Words of `text` on lines of at most `width` columns. */
export function wrapWords(text: string, width: number): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(BREAK)) {
    const longer = current === '' ? word : `${current} ${word}`;
    if (current !== '' && displayWidth(longer) > width) {
      lines.push(current);
      current = word;
    } else current = longer;
  }
  if (current !== '') lines.push(current);
  return lines;
}
