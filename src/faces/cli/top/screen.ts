import { type Line, lineWidth } from '../present/line.ts';
import type { Terminal } from '../terminal.ts';

/** The window while `top` owns it: the alternate screen, where only lines that changed are written. */
export interface Screen {
  draw(lines: readonly Line[]): void;
  /** The next `draw` writes every line: after a resize, or when something else wrote on the screen. */
  forget(): void;
  enter(): void;
  /** Gives the terminal back as it was. May be called twice. */
  leave(): void;
}

/** Alternate screen, hidden cursor, no automatic wrap: a line that is one column too long must not scroll. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l';
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l';
/** Synchronized output: terminals that know it show the frame at once, others ignore it. */
const BEGIN = '\u001b[?2026h';
const END = '\u001b[?2026l';
const CLEAR = '\u001b[2J';
const ERASE_REST = '\u001b[0m\u001b[K';

export function createScreen(terminal: Terminal): Screen {
  const { stdin, stdout } = terminal.streams;
  let entered = false;
  let before: readonly string[] = [];
  const leave = (): void => {
    if (!entered) return;
    entered = false;
    stdout.write(LEAVE);
    stdin.setRawMode?.(false);
  };
  return {
    enter: () => {
      entered = true;
      before = [];
      stdin.setRawMode?.(true);
      stdout.write(ENTER);
    },
    leave,
    forget: () => (before = []),
    draw: (lines) => {
      const next = lines.map((line) => terminal.paint(line));
      const anew = before.length !== next.length;
      const changed = next.flatMap((text, row) => {
        if (!anew && text === before[row]) return [];
        // On a full line the cursor still stands on the last column: erasing from there would eat it.
        const rest = lineWidth(lines[row] ?? []) < terminal.width() ? ERASE_REST : '';
        return [`\u001b[${row + 1};1H${text}${rest}`];
      });
      before = next;
      if (changed.length > 0) stdout.write(BEGIN + (anew ? CLEAR : '') + changed.join('') + END);
    },
  };
}
