import { ASCII, type Glyphs, toAscii, UNICODE } from './present/glyphs.ts';
import type { Line } from './present/line.ts';
import { createPalette, paintLine, type Palette } from './present/palette.ts';

/** The parts of process.stdout and process.stdin that are used; tests bring their own. */
interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  on?(event: 'resize', listener: () => void): unknown;
  off?(event: 'resize', listener: () => void): unknown;
}

interface Input {
  readonly isTTY?: boolean;
  setRawMode?(on: boolean): unknown;
  on(event: 'data', listener: (data: Uint8Array | string) => void): unknown;
  off(event: 'data', listener: (data: Uint8Array | string) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

export interface Streams {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
}

export interface Look {
  /** `--color`, `--no-color`; undefined: by the terminal. */
  readonly color?: boolean | undefined;
  readonly ascii?: boolean | undefined;
}

/** Where a command writes, and what can be drawn there. */
export interface Terminal {
  readonly streams: Streams;
  /** A person sees stdout as it is written. */
  readonly live: boolean;
  /** A person can also press keys. */
  readonly interactive: boolean;
  readonly glyphs: Glyphs;
  readonly palette: Palette;
  width(): number;
  height(): number;
  /** A painted line, without its line break. */
  paint(line: Line): string;
  print(lines: readonly Line[]): void;
  printText(text: string): void;
  printError(lines: readonly Line[]): void;
}

/** Off a terminal nobody's window limits the width; this fits a log viewer and a pasted block. */
const PIPE_WIDTH = 120;
const PIPE_HEIGHT = 40;

export function createTerminal(streams: Streams, look: Look = {}): Terminal {
  const { stdout, stderr, env } = streams;
  const live = stdout.isTTY === true;
  const unicode = look.ascii !== true && isUtf8(streams);
  const palette = createPalette(wantsColor(stdout, env, look.color));
  const errorPalette = createPalette(wantsColor(stderr, env, look.color));
  const draw = (line: Line, colors: Palette): string =>
    paintLine(unicode ? line : line.map(({ text, tone }) => ({ text: toAscii(text), tone })), colors);
  return {
    streams,
    live,
    interactive: live && streams.stdin.isTTY === true && typeof streams.stdin.setRawMode === 'function',
    glyphs: unicode ? UNICODE : ASCII,
    palette,
    width: () => positive(stdout.columns) ?? positive(Number(env['COLUMNS'])) ?? PIPE_WIDTH,
    height: () => positive(stdout.rows) ?? positive(Number(env['LINES'])) ?? PIPE_HEIGHT,
    paint: (line) => draw(line, palette),
    print: (lines) => void stdout.write(lines.map((line) => `${draw(line, palette)}\n`).join('')),
    printText: (text) => void stdout.write(text.endsWith('\n') ? text : `${text}\n`),
    printError: (lines) => void stderr.write(lines.map((line) => `${draw(line, errorPalette)}\n`).join('')),
  };
}

function positive(value: number | undefined): number | null {
  return value !== undefined && Number.isInteger(value) && value > 0 ? value : null;
}

/** https://no-color.org: any non-empty value turns colours off. A flag is nearer to the user than a variable. */
function wantsColor(output: Output, env: Streams['env'], flag: boolean | undefined): boolean {
  if (flag !== undefined) return flag;
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const force = env['FORCE_COLOR'] ?? '';
  if (force !== '') return force !== '0';
  return output.isTTY === true && env['TERM'] !== 'dumb';
}

/** POSIX order of the locale variables; Windows terminals have drawn Unicode since Windows Terminal. */
function isUtf8({ env, platform }: Streams): boolean {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => value !== undefined && value !== '');
  if (locale === undefined) return platform === 'win32' ? env['WT_SESSION'] !== undefined : platform === 'darwin';
  return /utf-?8/i.test(locale);
}
