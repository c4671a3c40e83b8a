import type { ParsedArgs } from 'citty';
import { nearest } from '../../config/nearest.ts';
import type { RampartError } from '../../model/index.ts';
import { readArgs, usage } from './args.ts';
import type { AnyCommand, CliDeps } from './command.ts';
import { type CommandEntry, COMMANDS } from './commands/index.ts';
import { asRampartError, EXIT, exitCodeOf } from './exit.ts';
import { commandHelp, rootHelp } from './help.ts';
import { line, span } from './present/line.ts';
import { shown, toJson } from './present/safe.ts';
import { createTerminal, type Look, type Streams } from './terminal.ts';

/** Runs one command line and answers with the exit code. Never throws and never ends the process. */
export async function runCli(argv: readonly string[], deps: CliDeps, streams: Streams): Promise<number> {
  const look = lookOf(ownWords(argv));
  const terminal = createTerminal(streams, look);
  try {
    const call = findCommand(argv);
    if (call === 'version') {
      terminal.printText(deps.version);
      return EXIT.ok;
    }
    if (call === 'help') {
      terminal.print(rootHelp(COMMANDS, deps.version, terminal.width()));
      return EXIT.ok;
    }
    const command: AnyCommand = await call.entry.load();
    if (call.help) {
      terminal.print(commandHelp(call.entry, command, terminal.width()));
      return EXIT.ok;
    }
    const { args, rest } = readCall(call, command);
    const json = args['json'] === true;
    if (json && command.json === null) throw usage(`\`${call.entry.name}\` has no --json`, call.entry.name);
    return await command.run(args, { deps, terminal, json, rest });
  } catch (cause) {
    const error = asRampartError(cause);
    report(error, ownWords(argv).includes('--json'), streams, look);
    return exitCodeOf(error);
  }
}

/** What stands before `--`: the rest is another program's. */
function ownWords(words: readonly string[]): readonly string[] {
  const end = words.indexOf('--');
  return end < 0 ? words : words.slice(0, end);
}

/** Flags by the command's definition, and the words of its `rest`. */
function readCall({ entry, words }: NamedCall, { args, rest }: AnyCommand): { args: ParsedArgs; rest: string[] } {
  if (rest === undefined) return { args: readArgs(words, args, entry.name), rest: [] };
  const tail = rest.form.startsWith('--');
  const own = tail ? ownWords(words) : words;
  const parsed = readArgs(own, args, entry.name, !tail);
  const given = tail ? words.slice(own.length + 1) : parsed._;
  if (given.length === 0) throw usage(`\`${entry.name}\` needs ${rest.form}`, entry.name);
  return { args: parsed, rest: given };
}

interface NamedCall {
  readonly entry: CommandEntry;
  readonly words: readonly string[];
  readonly help: boolean;
}

type Call = 'help' | 'version' | NamedCall;

const HELP = new Set(['--help', '-h']);

function findCommand(argv: readonly string[]): Call {
  const at = argv.findIndex((word) => !word.startsWith('-'));
  const name = argv[at];
  if (argv.length === 0 || (at < 0 && argv.some((word) => HELP.has(word)))) return 'help';
  if (name === undefined) {
    if (argv.every((word) => word === '--version' || word === '-v' || word === '-V')) return 'version';
    throw usage(`unknown flag '${argv[0]}'`, '', undefined, 'A command comes first: see `rampart --help`.');
  }
  // `rampart help top` is what people type before they know --help.
  if (name === 'help') {
    const topic = argv.slice(at + 1).find((word) => !word.startsWith('-'));
    return topic === undefined ? 'help' : { entry: entryOf(topic), words: [], help: true };
  }
  const words = [...argv.slice(0, at), ...argv.slice(at + 1)];
  return { entry: entryOf(name), words, help: ownWords(words).some((word) => HELP.has(word)) };
}

function entryOf(name: string): CommandEntry {
  const entry = COMMANDS.find((candidate) => candidate.name === name);
  if (entry !== undefined) return entry;
  const close = nearest(
    name,
    COMMANDS.map((candidate) => candidate.name),
  );
  const known = COMMANDS.map((candidate) => candidate.name).join(', ');
  throw usage(
    `unknown command '${name}'`,
    '',
    undefined,
    close === null ? `There are: ${known}.` : `Did you mean \`rampart ${close}\`?`,
  );
}

/** The look must be known before flags are parsed: a parse error is printed too. */
function lookOf(argv: readonly string[]): Look {
  const color = argv.includes('--no-color') ? false : argv.includes('--color') ? true : undefined;
  return { color, ascii: argv.includes('--ascii') };
}

/** Message, next step, code; the stack only for whoever asks for it. */
function report(error: RampartError, json: boolean, streams: Streams, look: Look): void {
  const { code, message, hint } = error;
  const terminal = createTerminal(streams, look);
  if (json) streams.stderr.write(`${toJson({ schemaVersion: 1, error: { code, message, hint } })}\n`);
  else {
    terminal.printError([
      line(span('rampart: ', 'bad'), shown(message, 1000)),
      ...(hint === '' ? [] : [line(`  ${shown(hint, 1000)}`)]),
      line(span(`  code: ${code}`, 'dim')),
    ]);
  }
  if ((streams.env['RAMPART_DEBUG'] ?? '') === '') return;
  for (let at: unknown = error; at instanceof Error; at = at.cause) streams.stderr.write(`${at.stack ?? at.message}\n`);
}
