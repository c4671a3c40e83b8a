import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  linkSync,
  readdirSync,
  readlinkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PYTHON_CLIENT = fileURLToPath(new URL('client.py', import.meta.url));
export const PROGRAMS = fileURLToPath(new URL('programs.mjs', import.meta.url));

/** What a stand-in agent starts: see `agent` in programs.mjs. */
export interface Order {
  readonly command: string;
  readonly args?: readonly string[];
  readonly argv0?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** As a Bash tool: own POSIX session, and the two names that only tools get. */
  readonly tool?: boolean;
  readonly detached?: boolean;
  /** No session in the environment, as Codex starts its servers. */
  readonly bare?: boolean;
  readonly stdio?: readonly (string | number)[];
  /** Close the child's stdin at once. */
  readonly endInput?: boolean;
  /** Speak MCP with it before answering. */
  readonly handshake?: boolean;
}

export interface Started {
  readonly pid: number;
  /** The server's answer to `initialize`. */
  readonly answer: { readonly serverInfo: { readonly pid: number } } | null;
}

export interface StandInAgent {
  readonly pid: number;
  readonly startTime: number;
  readonly sessionId: string;
  start(order: Order): Promise<Started>;
  /** kill -9: its files and its children stay. */
  kill(): Promise<void>;
}

export interface PythonClient {
  readonly pid: number;
  start(order: {
    readonly mode: 'piped' | 'closed' | 'shared';
    readonly command: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  }): Promise<number>;
  kill(): Promise<void>;
}

export interface Swarm {
  readonly directory: string;
  readonly configDir: string;
  /** A project with a local package `swarm-mcp`, for `npx` without a network. */
  readonly project: string;
  /** `tiny-mcp SECONDS` sleeps: a server for tests that need many. */
  readonly mcpBinary: string;
  /** A program in the place, and under the name, that Claude Code's has. */
  readonly claude: string;
  startAgent(
    sessionId: string,
    options?: { readonly client?: 'claude' | 'codex'; readonly registered?: boolean },
  ): Promise<StandInAgent>;
  /** A client whose children have pipes: see client.py. */
  startPython(): PythonClient;
  end(): Promise<void>;
}

export function createSwarm(): Swarm {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'rampart-swarm-')));
  const configDir = join(directory, 'claude-config');
  const node = process.execPath;
  const claude = install(node, join(directory, 'node_modules/@anthropic-ai/claude-code-linux-x64/claude'));
  const codex = install(node, join(directory, 'node_modules/@openai/codex-linux-x64/vendor/bin/codex'));
  const mcpBinary = install('/bin/sleep', join(directory, 'bin/tiny-mcp'));
  const project = join(directory, 'project');
  writePackage(project);
  const programs = new Set<ChildProcessWithoutNullStreams>();

  /** A program that takes orders on stdin and answers one JSON a line. */
  function startProgram(command: string, args: readonly string[]) {
    // Its own process group: a test runner's signals to its group do not decide what this test sees.
    const child = spawn(command, args, {
      cwd: project,
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
      env: cleanEnvironment(),
    }) as unknown as ChildProcessWithoutNullStreams;
    programs.add(child);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return {
      child,
      next: async <T>(): Promise<T> => {
        const { value, done } = await lines.next();
        if (done === true) throw new Error(`${command} ended`);
        const answer = JSON.parse(value) as T & { error?: string };
        if (answer.error !== undefined) throw new Error(answer.error);
        return answer;
      },
      kill: async (): Promise<void> => {
        const gone = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        await gone;
        programs.delete(child);
      },
    };
  }

  return {
    directory,
    mcpBinary,
    configDir,
    project,
    claude,

    async startAgent(sessionId, { client = 'claude', registered = true } = {}) {
      const args = [PROGRAMS, 'agent', sessionId, ...(registered && client === 'claude' ? [configDir] : [])];
      const { child, next, kill } = startProgram(client === 'claude' ? claude : codex, args);
      const { pid, startTime } = await next<{ pid: number; startTime: number }>();
      return {
        pid,
        startTime,
        sessionId,
        async start(order) {
          child.stdin.write(`${JSON.stringify(order)}\n`);
          return next<Started>();
        },
        kill,
      };
    },

    startPython() {
      const { child, next, kill } = startProgram('python3', [PYTHON_CLIENT]);
      return {
        pid: child.pid ?? 0,
        async start(order) {
          child.stdin.write(`${JSON.stringify(order)}\n`);
          return (await next<{ pid: number }>()).pid;
        },
        kill,
      };
    },

    async end() {
      const gone = [...programs].map((child) => new Promise((resolve) => child.once('exit', resolve)));
      for (const child of programs) child.kill('SIGKILL');
      await Promise.all(gone);
      // Everything else runs a program of our private directory, or in it; a chain needs one round for each link.
      for (let round = 0; round < 10 && endThoseIn(directory) > 0; round++) await delay(20);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A program in another place under another name: the path is what attribution goes by. */
export function install(program: string, path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  try {
    linkSync(realpathSync(program), path);
  } catch {
    copyFileSync(program, path);
    chmodSync(path, 0o755);
  }
  return path;
}

function writePackage(project: string): void {
  const folder = join(project, 'node_modules', 'swarm-mcp');
  mkdirSync(join(project, 'node_modules', '.bin'), { recursive: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(project, 'package.json'), '{"private":true,"dependencies":{"swarm-mcp":"1.0.0"}}');
  writeFileSync(join(folder, 'package.json'), '{"name":"swarm-mcp","version":"1.0.0","bin":{"swarm-mcp":"bin.mjs"}}');
  const bin = join(folder, 'bin.mjs');
  writeFileSync(
    bin,
    `#!/usr/bin/env node\nprocess.argv.splice(2, 0, 'server');\nawait import(${JSON.stringify(PROGRAMS)});\n`,
  );
  chmodSync(bin, 0o755);
  linkSync(bin, join(project, 'node_modules', '.bin', 'swarm-mcp'));
}

/** Without what an agent that runs these tests has put into our own environment. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const agents = /^(?:CLAUDE|CODEX_|GEMINI_CLI|AI_AGENT|OPENCODE|CURSOR_AGENT|npm_|VITEST|NODE_OPTIONS)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !agents.test(name)));
}

/** Kills what runs a program of a directory or works in it; tells how many there were. */
function endThoseIn(directory: string): number {
  const isIn = (link: string): boolean => {
    try {
      return readlinkSync(link).startsWith(directory);
    } catch {
      return false;
    }
  };
  const pids = readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && (isIn(`/proc/${name}/exe`) || isIn(`/proc/${name}/cwd`)),
  );
  for (const pid of pids) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // Gone meanwhile.
    }
  }
  return pids.length;
}
