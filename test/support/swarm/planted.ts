import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { install, PROGRAMS, type PythonClient, type StandInAgent, type Swarm } from './swarm.ts';

/** What was planted: pid → kind, so that a failure names the kind. */
export type Planted = Map<number, string>;

const SECONDS = '110';
const has = (program: string): boolean => spawnSync(program, ['-V'], { stdio: 'ignore' }).error === undefined;

/** The clients whose death makes orphans. */
export interface Doomed {
  readonly claude: StandInAgent;
  readonly codex: StandInAgent;
  readonly python: PythonClient | null;
}

/** 100 servers and workers whose stdin goes dead with their client. */
export async function plantOrphans(swarm: Swarm, { claude, codex, python }: Doomed): Promise<Planted> {
  const planted: Planted = new Map();
  const plant = async (kind: string, count: number, start: () => Promise<number>): Promise<void> => {
    for (let i = 0; i < count; i++) planted.set(await start(), kind);
  };
  const node = { command: process.execPath, args: [PROGRAMS, 'server'], handshake: true };
  const tiny = { command: swarm.mcpBinary, args: [SECONDS] };
  await plant('node server', 15, async () => (await claude.start(node)).pid);
  await plant('npx chain', 3, async () => {
    const npx = await claude.start({
      command: 'npx',
      args: ['--no-install', 'swarm-mcp'],
      cwd: swarm.project,
      handshake: true,
    });
    return npx.answer?.serverInfo.pid ?? 0;
  });
  await plant(
    'server under sh',
    15,
    async () => (await claude.start({ command: 'sh', args: ['-c', `${swarm.mcpBinary} ${SECONDS}; true`] })).pid,
  );
  await plant('worker of a tool', 12, async () => (await claude.start({ ...tiny, tool: true })).pid);
  await plant(
    'Codex server without environment',
    15,
    async () => (await codex.start({ ...tiny, bare: true, detached: true })).pid,
  );
  if (python !== null) {
    const env = { CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: claude.sessionId };
    const command = [swarm.mcpBinary, SECONDS];
    await plant('server on a pipe', 15, () => python.start({ mode: 'piped', command, env }));
  }
  await plant('plain server', 100 - planted.size, async () => (await claude.start(tiny)).pid);
  return planted;
}

/** What keeps the healthy ones alive. */
export interface Living extends Doomed {
  readonly live: StandInAgent;
  readonly livePython: PythonClient | null;
  readonly tmuxSocket: string;
}

/** 100 processes that somebody wants, most of which look like orphans at first sight. */
export async function plantHealthy(swarm: Swarm, clients: Living): Promise<Planted> {
  const { claude, live, livePython, python, tmuxSocket } = clients;
  const planted: Planted = new Map();
  const plant = async (kind: string, count: number, start: () => Promise<number>): Promise<void> => {
    for (let i = 0; i < count; i++) planted.set(await start(), kind);
  };
  const tiny = { command: swarm.mcpBinary, args: [SECONDS] };
  const dead = { CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: claude.sessionId };
  const nothing = ['ignore', 'ignore', 'ignore'] as const;
  const agentName = install(
    '/bin/sleep',
    join(swarm.directory, 'other/node_modules/@anthropic-ai/claude-code-linux-arm64/claude'),
  );
  const spoken = { command: process.execPath, args: [PROGRAMS, 'server'], handshake: true };

  await plant(
    'http server without stdin',
    3,
    async () =>
      (await claude.start({ command: process.execPath, args: [PROGRAMS, 'http'], stdio: nothing, detached: true })).pid,
  );
  await plant(
    'http server whose starter closed its stdin',
    3,
    async () =>
      (await claude.start({ command: process.execPath, args: [PROGRAMS, 'http', '--port', '0'], detached: true })).pid,
  );
  await plant(
    'daemon without stdin, named after MCP',
    9,
    async () => (await claude.start({ ...tiny, stdio: nothing, detached: true, bare: true })).pid,
  );
  await plant(
    'job that a tool left behind',
    15,
    async () => (await claude.start({ ...tiny, stdio: nothing, tool: true })).pid,
  );
  await plant(
    'agent left running without a terminal',
    5,
    async () => (await claude.start({ command: agentName, args: [SECONDS], stdio: nothing, tool: true })).pid,
  );
  await plant(
    'agent that read its prompt from a client',
    5,
    async () => (await claude.start({ command: agentName, args: [SECONDS], tool: true })).pid,
  );
  await plant('server of a live agent', 5, async () => (await live.start(spoken)).pid);
  await plant('server of a live agent', 10, async () => (await live.start(tiny)).pid);
  await plant('server that its live agent cut off', 5, async () => (await live.start({ ...tiny, endInput: true })).pid);
  await plant(
    'tool of a live agent, its input used up',
    5,
    async () => (await live.start({ ...tiny, tool: true, endInput: true })).pid,
  );
  if (livePython !== null && python !== null) {
    const command = [swarm.mcpBinary, SECONDS];
    await plant('server of a live Python client', 10, () => livePython.start({ mode: 'piped', command, env: dead }));
    await plant('server whose live Python client closed its stdin', 5, () =>
      livePython.start({ mode: 'closed', command }),
    );
    await plant('server shared with a second client', 5, () => python.start({ mode: 'shared', command, env: dead }));
  }
  if (has('tmux')) {
    const tmux = (...args: string[]) => execFileSync('tmux', ['-L', tmuxSocket, ...args], { encoding: 'utf8' }).trim();
    const window = ['-P', '-F', '#{pane_pid}', swarm.mcpBinary, SECONDS];
    let started = false;
    await plant('server in a tmux pane', 10, async () => {
      const pid = Number(started ? tmux('new-window', ...window) : tmux('new-session', '-d', ...window));
      started = true;
      return pid;
    });
  }
  await plant('server of a live agent', 100 - planted.size, async () => (await live.start(tiny)).pid);
  return planted;
}
