import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { paths, type Paths } from '../../../src/config/paths.ts';

/** State and runtime directories of its own for one test, and an end for whatever was started in them. */
export interface Sandbox {
  readonly env: Record<string, string>;
  readonly places: Paths;
  /** Ends after the test: services by the pids in their lock files, children by their handles. */
  dispose(): Promise<void>;
  /** Runs a TypeScript program of test/support/service with this environment. */
  run(program: string, args?: readonly string[]): ChildProcess;
  lockFiles(): string[];
}

const TSX = import.meta.resolve('tsx');

export function openSandbox(extra: Record<string, string> = {}): Sandbox {
  const root = mkdtempSync(join(tmpdir(), 'rampart-service-'));
  const env: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    HOME: root,
    RAMPART_STATE_DIR: join(root, 'state'),
    RAMPART_RUNTIME_DIR: join(root, 'run'),
    ...extra,
  };
  const places = paths(env);
  const children = new Set<ChildProcess>();
  const lockFiles = (): string[] =>
    existsSync(places.runtimeDir) ? readdirSync(places.runtimeDir).filter((name) => name.endsWith('.lock')) : [];
  return {
    env,
    places,
    lockFiles,
    run: (program, args = []) => {
      const path = fileURLToPath(new URL(program, import.meta.url));
      const child = spawn(process.execPath, ['--import', TSX, path, ...args], {
        env,
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      children.add(child);
      return child;
    },
    dispose: async () => {
      for (const child of children) child.kill('SIGKILL');
      for (const name of lockFiles()) {
        const pid = Number(/(\d+)-[0-9a-f]+\.lock$/.exec(name)?.[1]);
        if (Number.isInteger(pid) && pid > 1 && pid !== process.pid) endIfService(pid);
      }
      await sleep(50);
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function endIfService(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

/** Polls until `condition` holds; fails with `what` after `deadlineMs`. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadlineMs = 30_000,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await sleep(20);
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** First line of a child's output. */
export function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(text.split('\n')[0] ?? '');
    });
    child.once('exit', (code) => reject(new Error(`the program ended with ${code} before it said anything`)));
  });
}

export const exitOf = (child: ChildProcess): Promise<number | null> =>
  child.exitCode === null && child.signalCode === null
    ? new Promise((resolve) => child.once('exit', (code) => resolve(code)))
    : Promise.resolve(child.exitCode);
