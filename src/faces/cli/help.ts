import type { ArgsDef } from 'citty';
import { GLOBAL_ARGS } from './args.ts';
import type { AnyCommand } from './command.ts';
import type { CommandEntry } from './commands/index.ts';
import { type Line, line, span, wrapWords } from './present/line.ts';
import { displayWidth } from './present/width.ts';

/** Wider help is harder to read, not easier. */
const MAX_WIDTH = 100;

export interface FlagHelp {
  readonly form: string;
  readonly description: string;
}

/** A command's flags or positionals as the help and the manual write them. */
export function flagHelp(args: ArgsDef): { positionals: FlagHelp[]; flags: FlagHelp[] } {
  const positionals: FlagHelp[] = [];
  const flags: FlagHelp[] = [];
  for (const [name, arg] of Object.entries(args)) {
    const fallback = arg.default === undefined ? '' : ` (default: ${String(arg.default)})`;
    const description = `${arg.description ?? ''}${fallback}`;
    if (arg.type === 'positional') {
      positionals.push({ form: positionalForm(name, arg), description });
      continue;
    }
    const short = [('alias' in arg ? arg.alias : undefined) ?? []].flat().map((alias) => `-${alias}, `);
    const hint =
      arg.type === 'boolean'
        ? ''
        : ` ${arg.valueHint ?? (arg.type === 'enum' ? (arg.options ?? []).join('|') : 'VALUE')}`;
    flags.push({ form: `${short.join('')}--${name}${hint}`, description });
  }
  return { positionals, flags };
}

function positionalForm(name: string, { required, valueHint }: ArgsDef[string]): string {
  const word = valueHint ?? name.toUpperCase();
  return required === false ? `[${word}]` : word;
}

export function usageLine(name: string, { args, rest }: Pick<AnyCommand, 'args' | 'rest'>): string {
  const { positionals, flags } = flagHelp({ ...args, ...GLOBAL_ARGS });
  const after = rest === undefined ? [] : [rest.form];
  const own = ['rampart', name, ...positionals.map(({ form }) => form)];
  return [...own, ...(flags.length > 0 ? ['[flags]'] : []), ...after].join(' ');
}

/** Positionals of a command, the open-ended one last. */
export function wordHelp({ args, rest }: Pick<AnyCommand, 'args' | 'rest'>): FlagHelp[] {
  return [...flagHelp(args).positionals, ...(rest === undefined ? [] : [rest])];
}

export function rootHelp(commands: readonly CommandEntry[], version: string, width: number): Line[] {
  const first: readonly (readonly [string, string])[] = [
    ['rampart status', 'who uses the memory, right now'],
    ['rampart top', 'the same, live'],
    ['rampart demo', 'no agents here? See it on a stand-in swarm'],
    ['rampart client-config claude-code', 'let your agents ask, through MCP'],
  ];
  return [
    line(span('rampart', 'strong'), ` ${version}: the memory monitor for agent swarms`),
    [],
    line('Usage: ', span('rampart COMMAND [flags]', 'accent')),
    [],
    line(span('Start here', 'strong')),
    ...pairs(
      first.map(([form, description]) => ({ form, description })),
      width,
    ),
    [],
    line(span('Commands', 'strong')),
    ...pairs(
      commands.map(({ name, summary }) => ({ form: name, description: summary })),
      width,
    ),
    [],
    line(span('Flags of every command', 'strong')),
    ...pairs(flagHelp(GLOBAL_ARGS).flags, width),
    [],
    ...paragraph(
      '`rampart COMMAND --help` tells more. Exit codes: 0 ok; `health` 1 warning, 2 critical, 3 emergency; 64 wrong usage; 69 not available; docs/cli.md lists all.',
      width,
    ),
  ];
}

export function commandHelp({ name, summary }: CommandEntry, command: AnyCommand, width: number): Line[] {
  const { flags } = flagHelp({ ...command.args, ...GLOBAL_ARGS });
  const positionals = wordHelp(command);
  return [
    ...paragraph(summary, width).map((text) => text.map(({ text: words }) => span(words, 'strong'))),
    [],
    line('Usage: ', span(usageLine(name, command), 'accent')),
    [],
    ...command.about.flatMap((text) => [...paragraph(text, width), []]),
    ...(positionals.length > 0 ? [line(span('Arguments', 'strong')), ...pairs(positionals, width), []] : []),
    line(span('Flags', 'strong')),
    ...pairs(flags, width),
    [],
    ...(command.json === null ? [] : [...paragraph(`--json: ${command.json}`, width), []]),
    line(span('Examples', 'strong')),
    ...pairs(
      command.examples.map(({ line: form, says }) => ({ form, description: says })),
      width,
    ),
  ];
}

function paragraph(text: string, width: number): Line[] {
  return wrapWords(text, Math.min(width, MAX_WIDTH)).map((words) => line(words));
}

/** A left column wider than this leaves none for the words. */
const MAX_LEFT = 36;

/** Two columns; the second wraps under itself. Long forms have their words on the next line. */
function pairs(rows: readonly FlagHelp[], width: number): Line[] {
  const total = Math.min(width, MAX_WIDTH);
  const left = Math.max(...rows.map(({ form }) => displayWidth(form)));
  if (left > MAX_LEFT) {
    return rows.flatMap(({ form, description }) => [
      line('  ', span(form, 'accent')),
      ...wrapWords(description, Math.max(20, total - 6)).map((words) => line('      ', words)),
    ]);
  }
  const room = Math.max(20, total - left - 4);
  return rows.flatMap(({ form, description }) =>
    wrapWords(description, room).map((words, index) =>
      line('  ', span((index === 0 ? form : '').padEnd(left), 'accent'), `  ${words}`),
    ),
  );
}
