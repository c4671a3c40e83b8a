import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { RampartError } from '../../../model/index.ts';
import { pause, type Stop } from '../stop.ts';
import { plan, PROGRAMS, SWARM_SIZE } from './programs.ts';

/** The running stand-in swarm. */
export interface Swarm {
  /** Pids of its processes that live or lived. */
  pids(): readonly number[];
  /** Ends every process and answers with those that would not go. */
  close(): Promise<readonly number[]>;
}

const START_DEADLINE_MS = 30_000;
const END_DEADLINE_MS = 5_000;

/**
 * Starts the swarm and waits until all of it runs and the doomed agent is dead. Nothing of it outlives this process:
 * each holds a connection to it, and a timer that ends it after `maxMs` whatever happens.
 */
export async function startSwarm(maxMs: number, stop: Stop): Promise<Swarm> {
  const dir = mkdtempSync(join(tmpdir(), 'rampart-demo-'));
  const socketPath =
    process.platform === 'win32' ? `\\\\.\\pipe\\${dir.replace(/[^\w]+/g, '-')}` : join(dir, 'life.sock');
  const lifelines = await openLifelines(socketPath);
  const agents: ChildProcess[] = [];
  const swarm: Swarm = {
    pids: () => [...lifelines.pids],
    close: async () => {
      lifelines.cut();
      const left = await untilGone(lifelines.pids);
      for (const agent of agents) agent.kill('SIGKILL');
      rmSync(dir, { recursive: true, force: true });
      return left;
    },
  };
  try {
    const sessions = plan(dir).map((session) => ({ ...session, id: randomUUID() }));
    writePrograms(dir, Object.fromEntries(sessions.map((session) => [session.id, session])));
    const env = environment(dir, socketPath, maxMs);
    for (const session of sessions) agents.push(startAgent(dir, session, env));
    await lifelines.complete(SWARM_SIZE, stop);
    return swarm;
  } catch (cause) {
    await swarm.close();
    throw cause;
  }
}

function writePrograms(dir: string, sessions: unknown): void {
  for (const [path, text] of Object.entries(PROGRAMS)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  writeFileSync(join(dir, 'plan.json'), JSON.stringify(sessions));
}

/** Nothing of the user's environment but what a program needs to run: no keys, and no session that is not the demo's. */
function environment(dir: string, socketPath: string, maxMs: number): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'SystemRoot'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), DEMO_DIR: dir, DEMO_SOCKET: socketPath, DEMO_MAX_MS: String(maxMs) };
}

function startAgent(
  dir: string,
  { project, id }: { project: string; id: string },
  env: Record<string, string>,
): ChildProcess {
  const cwd = join(dir, project);
  mkdirSync(cwd);
  const script = join(dir, 'node_modules/@anthropic-ai/claude-code/cli.js');
  const child = spawn(process.execPath, [script, '--session-id', id], { cwd, env, stdio: 'ignore' });
  child.on('error', () => undefined);
  return child;
}

interface Lifelines {
  readonly pids: ReadonlySet<number>;
  /** Waits until `size` processes have reported. */
  complete(size: number, stop: Stop): Promise<void>;
  /** Closes every connection: all processes end by themselves. */
  cut(): void;
}

async function openLifelines(socketPath: string): Promise<Lifelines> {
  const pids = new Set<number>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('data', (data) => pids.add(Number.parseInt(data.toString('latin1'), 10)));
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(socketPath, resolve));
  return {
    pids,
    complete: async (size, stop) => {
      const deadline = performance.now() + START_DEADLINE_MS;
      while (pids.size < size && !stop.isWanted()) {
        if (performance.now() > deadline) {
          const message = `only ${pids.size} of ${size} processes of the demo started within ${START_DEADLINE_MS / 1000} s`;
          throw new RampartError('timeout', message, 'Try again when the machine is less busy.');
        }
        await pause(50, stop);
      }
    },
    cut: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Those of `pids` that still live after all that patience. */
async function untilGone(pids: ReadonlySet<number>): Promise<readonly number[]> {
  const deadline = performance.now() + END_DEADLINE_MS;
  let left = [...pids];
  while (left.length > 0 && performance.now() < deadline) {
    left = left.filter(isAlive);
    if (left.length > 0) await sleep(20);
  }
  return left;
}

/** Asks, never signals. In a container whose init reaps nothing a zombie stays, but it holds no memory. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    if (process.platform !== 'linux') return true;
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}
