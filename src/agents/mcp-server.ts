import { baseName, isShell, type Command } from './command.ts';

/** Programs that fetch a package and run it. */
const PACKAGE_RUNNER = /^(?:npx|pnpx|bunx|uvx|pipx|dlx)$/;
/** Programs that run another program and stay around it. */
const AROUND =
  /^(?:npm|pnpm|yarn|bun|uv|corepack|tsx|nodemon|cross-env|dotenv|dotenvx|env|timeout|nice|ionice|stdbuf|setsid|direnv|mise|volta|asdf|doppler|sudo|firejail|bwrap)$/;
const RUN_PACKAGE = /^(?:exec|x|dlx|tool|run)$/;
const MCP_WORD = /(?:^|[^a-z])mcp(?:[^a-z]|$)|modelcontextprotocol/i;
/** Names that say what a file is, not whose: the folder above says more. */
const NO_NAME =
  /^(?:index|server|main|cli|app|start|run|stdio|__main__|bin|dist|build|out|lib|src|cjs|esm|bundle|scripts|target|release|debug|node_modules|\.bin|\.venv|venv)$/i;

export interface Wrapper {
  readonly kind: 'package-runner' | 'shell' | 'around';
  /** The package it was told to run, without its version; null when it runs something else. */
  readonly target: string | null;
}

/** `@scope/name@1.2.3` → `@scope/name`. */
function withoutVersion(spec: string): string {
  return spec.replace(/(?<=.)@[^@/]*$/, '');
}

/** The first word that is no flag; `-p X`/`--package X`/`--from X` name it too. */
function packageTarget(words: readonly string[]): string | null {
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const named = /^--(?:package|from)=(.+)$/.exec(word);
    if (named !== null) return withoutVersion(named[1] ?? '');
    if (word === '-p' || word === '--package' || word === '--from') return withoutVersion(words[i + 1] ?? '') || null;
    if (word === '-c' || word === '--call') return null;
    if (word === '--python' || word === '--with') i++;
    else if (!word.startsWith('-')) return withoutVersion(word);
  }
  return null;
}

/** What stands around another program: npx, sh, uvx, tsx, … */
export function wrapperOf(command: Command): Wrapper | null {
  if (isShell(command.program)) {
    return command.shellText === null && command.script === null ? null : { kind: 'shell', target: null };
  }
  const name = baseName(command.script ?? command.calledAs).replace(/(?:-cli)?\.[cm]?js$/, '');
  if (PACKAGE_RUNNER.test(name)) return { kind: 'package-runner', target: packageTarget(command.rest) };
  const [first, ...others] = command.rest;
  if (/^(?:npm|pnpm|yarn|bun|uv)$/.test(name) && first !== undefined && RUN_PACKAGE.test(first)) {
    const words = first === 'tool' ? others.slice(1) : others;
    // `npm run x` and `uv run x` run something of the project, not a package.
    return first === 'run'
      ? { kind: 'around', target: null }
      : { kind: 'package-runner', target: packageTarget(words) };
  }
  if (/\/tsx\/dist\/cli\.[cm]js$/.test(command.script ?? '')) return { kind: 'around', target: null };
  return AROUND.test(name) ? { kind: 'around', target: null } : null;
}

function packageOf(path: string): string | null {
  const matches = [...path.matchAll(/\/node_modules\/((?:@[^/]+\/)?[^/.][^/]*)(?=\/)/g)];
  return matches.at(-1)?.[1] ?? null;
}

function scriptName(script: string): string | null {
  const packaged = packageOf(script);
  if (packaged !== null) return packaged;
  const parts = script.split('/').filter((part) => part !== '' && part !== '.' && part !== '..');
  for (const part of parts.toReversed()) {
    const stem = part.replace(/\.(?:[cm]?[jt]sx?|py|rb|sh|jar)$/, '');
    if (!NO_NAME.test(stem)) return stem;
  }
  return null;
}

/** `docker run -i --rm ghcr.io/owner/name:tag args` → `owner/name`. */
function containerImage(words: readonly string[]): string | null {
  if (words[0] !== 'run') return null;
  const takesValue =
    /^(?:-e|--env|-v|--volume|--mount|-p|--publish|--name|--network|-w|--workdir|-u|--user|--env-file|-l|--label|--memory|-m|--entrypoint|--platform)$/;
  for (let i = 1; i < words.length; i++) {
    const word = words[i] ?? '';
    if (takesValue.test(word)) i++;
    else if (!word.startsWith('-'))
      return word
        .replace(/[:@][^/]*$/, '')
        .split('/')
        .slice(-2)
        .join('/');
  }
  return null;
}

/** A readable name: package, script or its folder, image, program. Text of others, already sanitised by the source. */
export function serverName(command: Command): string {
  const wrapped = wrapperOf(command)?.target;
  if (wrapped != null && wrapped !== '') return wrapped;
  if (/^(?:docker|podman|nerdctl)$/.test(command.program)) return containerImage(command.rest) ?? command.program;
  if (command.script !== null) return scriptName(command.script) ?? baseName(command.script);
  if (command.shellText !== null) return shellName(command.shellText) ?? command.program;
  return command.program;
}

/** The first word of a shell line that names a program or script, behind assignments, `exec` and interpreters. */
function shellName(text: string): string | null {
  const words = text.split(/[;&|]/)[0]?.trim().split(/\s+/) ?? [];
  const meant = words.find(
    (word) => !/^(?:exec|cd|env|node|python[\d.]*|bun|deno|run|npx|uvx|-.*|.*=.*)$/.test(word) && word !== '',
  );
  return meant === undefined ? null : (scriptName(withoutVersion(meant)) ?? null);
}

/** Whether its own name says MCP. Folders above it and arguments do not count: an editor may have `mcp.json` open. */
export function saysMcp(command: Command): boolean {
  if (/^(?:grep|rg|vi|vim|nvim|nano|emacs|less|more|cat|tail|head|man|git|code|ssh|tmux)$/.test(command.program))
    return false;
  return MCP_WORD.test(serverName(command)) || (command.script !== null && MCP_WORD.test(baseName(command.script)));
}

/** Serves over a network by its own arguments: its stdin says nothing about its clients. */
export function servesNetwork(command: Command): boolean {
  return command.rest.some(
    (word, i) =>
      /^--(?:port|http|sse|listen|http-port|streamable-http|host)(?:=|$)|^(?:sse|http|streamable-?http)$|^--transport=(?:sse|http|streamable-?http)/i.test(
        word,
      ) ||
      (word === '--transport' && /^(?:sse|http|streamable-?http)$/i.test(command.rest[i + 1] ?? '')),
  );
}
