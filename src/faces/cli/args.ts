import { parseArgs as parseStrictly } from 'node:util';
import { type ArgsDef, parseArgs, type ParsedArgs } from 'citty';
import { nearest } from '../../config/nearest.ts';
import { RampartError } from '../../model/index.ts';

/** Flags that every command has. */
export const GLOBAL_ARGS = {
  json: { type: 'boolean', description: 'Print one JSON document instead of text' },
  color: { type: 'boolean', description: 'Force colours; --no-color or NO_COLOR=1 turn them off' },
  ascii: { type: 'boolean', description: 'Draw with plain ASCII (the default where the locale is not UTF-8)' },
  help: { type: 'boolean', alias: 'h', description: 'Show this help' },
} as const satisfies ArgsDef;

/**
 * Parses what follows the command's name. citty itself lets unknown flags, missing values and superfluous words pass in
 * silence; a monitor that ignores `--jsno` and prints text into a script would be worse than one that stops.
 */
export function readArgs(words: readonly string[], own: ArgsDef, command: string, many = false): ParsedArgs {
  const all: ArgsDef = { ...own, ...GLOBAL_ARGS };
  checkStrictly(words, all, command, many);
  try {
    return parseArgs([...words], all);
  } catch (cause) {
    throw usage(plainMessage(cause), command, cause);
  }
}

function checkStrictly(words: readonly string[], all: ArgsDef, command: string, many: boolean): void {
  const options: Record<string, { type: 'boolean' | 'string'; short?: string }> = {};
  for (const [name, { type, ...rest }] of Object.entries(all)) {
    if (type === 'positional') continue;
    const alias = 'alias' in rest ? [rest.alias ?? []].flat().find((short) => short.length === 1) : undefined;
    options[name] = {
      type: type === 'boolean' ? 'boolean' : 'string',
      ...(alias === undefined ? {} : { short: alias }),
    };
  }
  // citty reads every `--no-…` as a negation, wherever it stands: flag names must not begin with it.
  const end = words.indexOf('--');
  for (const word of end < 0 ? words : words.slice(0, end)) checkFlag(word, options, command);
  let positionals: string[];
  try {
    positionals = parseStrictly({
      args: [...words],
      options,
      strict: true,
      allowPositionals: true,
      allowNegative: true,
    }).positionals;
  } catch (cause) {
    throw usage(plainMessage(cause), command, cause);
  }
  const places = Object.values(all).filter(({ type }) => type === 'positional').length;
  const extra = many ? undefined : positionals[places];
  if (extra !== undefined) throw usage(`unexpected argument '${extra}'`, command);
}

function checkFlag(word: string, options: Readonly<Record<string, unknown>>, command: string): void {
  if (!word.startsWith('--')) return;
  const flag = word.slice(2).split('=')[0] ?? '';
  const name = flag.startsWith('no-') ? flag.slice(3) : flag;
  if (Object.hasOwn(options, name)) return;
  const close = nearest(name, Object.keys(options));
  const hint = close === null ? undefined : `Did you mean --${flag === name ? '' : 'no-'}${close}?`;
  throw usage(`unknown flag '--${flag}'`, command, undefined, hint);
}

/** Node's messages carry advice about `--` that does not help here: only the first sentence stays. */
function plainMessage(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  // eslint-disable-next-line no-control-regex
  return (text.replace(/\u001b\[[0-9;]*m/g, '').split(/\. |\n/)[0] ?? text).replace(/\.$/, '');
}

export function usage(message: string, command: string, cause?: unknown, hint?: string): RampartError {
  const see = command === '' ? 'rampart --help' : `rampart ${command} --help`;
  return new RampartError('bad-input', message, hint ?? `See \`${see}\`.`, cause);
}

/** A whole number from `min` to `max`; undefined when the flag was not given. */
export function wholeNumber(text: string | undefined, flag: string, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new RampartError('bad-input', `--${flag} is '${text}'`, `Give a whole number from ${min} to ${max}.`);
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A time span in ms: '500ms', '2s', '15m', '1h', '7d'; a bare number is seconds. */
export function timeSpan(text: string, flag: string, minMs: number, maxMs: number): number {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d)?$/.exec(text.trim());
  const value = match === null ? Number.NaN : Number(match[1]) * (UNIT_MS[match[2] ?? 's'] ?? Number.NaN);
  if (value >= minMs && value <= maxMs) return value;
  throw new RampartError('bad-input', `--${flag} is '${text}'`, `Give a time such as 500ms, 2s, 15m, 1h or 7d.`);
}

const UNIT_BYTES: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** A size in bytes: '2GiB', '2g' (binary, as docker and systemd read it), '500MB' (decimal), '1048576'. */
export function byteSize(text: string, flag: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?(?:i?b)?)$/.exec(text.trim().toLowerCase());
  const value = match === null ? Number.NaN : Number(match[1]) * (UNIT_BYTES[match[2] ?? ''] ?? Number.NaN);
  if (value > 0 && Number.isFinite(value)) return Math.round(value);
  throw new RampartError('bad-input', `--${flag} is '${text}'`, 'Give a size such as 512MiB, 2GiB or 2147483648.');
}
