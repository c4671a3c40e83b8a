import type { ProcessFacts } from '../model/index.ts';

/** A command line taken apart as far as recognition needs it. */
export interface Command {
  /** Base name of what runs: the executable's, without ` (deleted)` and `.exe`. Lower case. */
  readonly program: string;
  /** Base name of argv[0]: what the process calls itself (multi-call binaries differ here). */
  readonly calledAs: string;
  /** Path of the executable with forward slashes, '' when it may not be read. */
  readonly exe: string;
  /** What an interpreter or shell runs: a script path, or the module after `-m`; null for programs of their own. */
  readonly script: string | null;
  /** Arguments after the script, or after the program when it runs no script. */
  readonly rest: readonly string[];
  /** The text after `sh -c`; null when this is no shell with a command. */
  readonly shellText: string | null;
}

const INTERPRETER = /^(?:node|nodejs|bun|deno|python[\d.]*|pypy[\d.]*|ruby|perl|tsx|ts-node)$/;
const SHELL = /^(?:sh|bash|zsh|dash|ash|fish|ksh|busybox)$/;

/** Interpreter flags whose value is the next argument, so that the value is not taken for the script. */
const TAKES_VALUE =
  /^(?:-r|--require|--import|--loader|--experimental-loader|-C|--conditions|--env-file|-W|-X|--title)$/;
const INLINE_CODE = /^(?:-e|--eval|-p|--print|-pe|-c)$/;

const DELETED = ' (deleted)';

export function isShell(program: string): boolean {
  return SHELL.test(program);
}

/** What it runs is another file: the executable alone says nothing. */
export function isInterpreter(program: string): boolean {
  return INTERPRETER.test(program) || isShell(program);
}

export function baseName(path: string): string {
  return (
    path
      .replaceAll('\\', '/')
      .split('/')
      .findLast((part) => part !== '') ?? ''
  );
}

function programName(path: string): string {
  return baseName(path)
    .replace(DELETED, '')
    .replace(/\.exe$/i, '')
    .toLowerCase();
}

/** Titles that programs write over their command line arrive as one argument: 'npm exec pkg', 'tmux: server'. */
function splitTitle(argv: readonly string[]): readonly string[] {
  const words = argv.filter((argument) => argument !== '');
  return words.length === 1 && /^(?:npm|npx|pnpm|yarn)\s/.test(words[0] ?? '') ? (words[0] ?? '').split(/\s+/) : words;
}

function interpreted(args: readonly string[]): { script: string | null; rest: readonly string[] } {
  for (let i = 0; i < args.length; i++) {
    const argument = args[i] ?? '';
    if (argument === '-m') return { script: args[i + 1] ?? null, rest: args.slice(i + 2) };
    if (INLINE_CODE.test(argument)) return { script: null, rest: args.slice(i + 2) };
    if (TAKES_VALUE.test(argument)) i++;
    else if (argument === 'run' && i === 0) continue;
    else if (!argument.startsWith('-')) return { script: argument, rest: args.slice(i + 1) };
  }
  return { script: null, rest: [] };
}

/** `sh [flags] -c text` runs the text, `sh [flags] file` the file, `sh [flags]` nothing: then somebody types. */
function shellCommand(args: readonly string[]): Pick<Command, 'script' | 'rest' | 'shellText'> {
  const from = args.findIndex((argument) => !/^[-+]/.test(argument));
  const flags = from < 0 ? args : args.slice(0, from);
  const [first = null, ...rest] = from < 0 ? [] : args.slice(from);
  const runsText = flags.some((argument) => /^-[a-z]*c[a-z]*$/.test(argument));
  return runsText ? { script: null, rest, shellText: first } : { script: first, rest, shellText: null };
}

export function readCommand(facts: ProcessFacts): Command {
  const argv = splitTitle(facts.argv);
  const exe = (facts.exe ?? '').replaceAll('\\', '/');
  const calledAs = programName((argv[0] ?? facts.comm).replace(/^-/, ''));
  const program = exe === '' ? calledAs : programName(exe);
  const args = argv.slice(1);
  if (isShell(program)) return { program, calledAs, exe, ...shellCommand(args) };
  // npm overwrites its title, so the interpreter is gone from argv while the executable is still node.
  const runsScript = INTERPRETER.test(program) && !/^(?:npm|npx|pnpm|yarn)$/.test(calledAs);
  const { script, rest } = runsScript ? interpreted(args) : { script: null, rest: args };
  return { program, calledAs, exe, script, rest, shellText: null };
}

/** Value of `--name value` or `--name=value`; null when absent. */
export function flag(args: readonly string[], name: string): string | null {
  for (let i = 0; i < args.length; i++) {
    if (args[i] === name) return args[i + 1] ?? null;
    if (args[i]?.startsWith(`${name}=`)) return args[i]?.slice(name.length + 1) ?? null;
  }
  return null;
}
