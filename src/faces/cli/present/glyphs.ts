/** The few drawn characters, each with a plain stand-in for terminals that are not UTF-8. */
export interface Glyphs {
  readonly branch: string;
  readonly lastBranch: string;
  readonly pipe: string;
  readonly ellipsis: string;
  readonly dot: string;
  readonly rule: string;
  readonly barFull: string;
  readonly barEmpty: string;
  /** Eight levels, low to high. */
  readonly levels: readonly string[];
  readonly open: string;
  readonly closed: string;
  readonly ok: string;
  readonly info: string;
  readonly warning: string;
  readonly critical: string;
  readonly arrow: string;
  readonly times: string;
}

export const UNICODE: Glyphs = {
  branch: '├─ ',
  lastBranch: '└─ ',
  pipe: '│  ',
  ellipsis: '…',
  dot: '·',
  rule: '─',
  barFull: '█',
  barEmpty: '░',
  levels: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
  open: '▾',
  closed: '▸',
  ok: '●',
  info: '○',
  warning: '▲',
  critical: '■',
  arrow: '→',
  times: '×',
};

export const ASCII: Glyphs = {
  branch: '|- ',
  lastBranch: '`- ',
  pipe: '|  ',
  ellipsis: '~',
  dot: '-',
  rule: '-',
  barFull: '#',
  barEmpty: '.',
  levels: ['_', '.', ',', '-', '=', '+', '*', '#'],
  open: 'v',
  closed: '>',
  ok: '*',
  info: 'o',
  warning: '!',
  critical: 'X',
  arrow: '->',
  times: 'x',
};
/** Sentences that reports bring along may hold these; a terminal without UTF-8 shows the stand-in. */
const PLAIN: readonly (readonly [RegExp, string])[] = [
  [/[→]/g, '->'],
  [/[×]/g, 'x'],
  [/[…]/g, '...'],
  [/[·–—]/g, '-'],
  [/[‹›]/g, '|'],
  [/[“”]/g, '"'],
  [/[‘’]/g, "'"],
  [/[≥]/g, '>='],
  [/[≤]/g, '<='],
  [/[µ]/g, 'u'],
  [/[^\u0020-\u007e]/gu, '?'],
];

export function toAscii(text: string): string {
  let out = text;
  for (const [pattern, plain] of PLAIN) out = out.replace(pattern, plain);
  return out;
}
