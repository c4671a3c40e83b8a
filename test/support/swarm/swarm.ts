import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  linkSync,
  readFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

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

export interface Swarm {
  readonly directory: string;
  readonly configDir: string;
  /** A project with a local package `swarm-mcp`, for `npx` without a network. */
  readonly project: string;
  /** A program in the place, and under the name, that Claude Code's has. */
  readonly claude: string;
  startAgent(
    sessionId: string,
    options?: { readonly client?: 'claude' | 'codex'; readonly registered?: boolean },
  ): Promise<StandInAgent>;
  /** Remembered to be ended with the swarm. */
  adopt(...pids: readonly number[]): void;
  end(): Promise<void>;
}

export function createSwarm(): Swarm {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'rampart-swarm-')));
  const configDir = join(directory, 'claude-config');
  const claude = install(directory, '@anthropic-ai/claude-code-linux-x64', 'claude');
  const codex = install(directory, '@openai/codex-linux-x64/vendor/bin', 'codex');
  const project = join(directory, 'project');
  writePackage(project);
  const agents = new Set<ChildProcessWithoutNullStreams>();
  const adopted = new Map<number, string>();

  function adopt(...pids: readonly number[]): void {
    for (const pid of pids) {
      const start = startOf(pid);
      if (start !== null) adopted.set(pid, start);
    }
  }

  return {
    directory,
    configDir,
    project,
    claude,
    adopt,

    async startAgent(sessionId, { client = 'claude', registered = true } = {}) {
      const args = [PROGRAMS, 'agent', sessionId, ...(registered && client === 'claude' ? [configDir] : [])];
      // Its own process group: a test runner's signals to its group do not decide what this test sees.
      const child = spawn(client === 'claude' ? claude : codex, args, {
        cwd: project,
        detached: true,
        stdio: ['pipe', 'pipe', 'inherit'],
        env: cleanEnvironment(),
      }) as unknown as ChildProcessWithoutNullStreams;
      agents.add(child);
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const next = async <T>(): Promise<T> => {
        const { value, done } = await lines.next();
        if (done === true) throw new Error('the stand-in agent ended');
        const answer = JSON.parse(value) as T & { error?: string };
        if (answer.error !== undefined) throw new Error(answer.error);
        return answer;
      };
      const { pid, startTime } = await next<{ pid: number; startTime: number }>();
      return {
        pid,
        startTime,
        sessionId,
        async start(order) {
          child.stdin.write(`${JSON.stringify(order)}\n`);
          const started = await next<Started>();
          adopt(started.pid);
          if (started.answer !== null) adopt(started.answer.serverInfo.pid);
          return started;
        },
        async kill() {
          const gone = new Promise((resolve) => child.once('exit', resolve));
          child.kill('SIGKILL');
          await gone;
          agents.delete(child);
        },
      };
    },

    async end() {
      const gone = [...agents].map((child) => new Promise((resolve) => child.once('exit', resolve)));
      for (const child of agents) child.kill('SIGKILL');
      await Promise.all(gone);
      for (const [pid, start] of adopted) if (startOf(pid) === start) killQuietly(pid);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A copy of this Node under another name: the path is what attribution goes by. */
function install(directory: string, place: string, name: string): string {
  const folder = join(directory, 'node_modules', place);
  const path = join(folder, name);
  mkdirSync(folder, { recursive: true });
  try {
    linkSync(realpathSync(process.execPath), path);
  } catch {
    copyFileSync(process.execPath, path);
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

/** Field 22 of its stat: with the pid it names this process and no later one. Null: gone. */
function startOf(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function killQuietly(pid: number): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL');
    } catch {
      // Already gone, or no group of that name.
    }
  }
}
