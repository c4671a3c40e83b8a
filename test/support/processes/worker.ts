import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A Node child that grows on command, for tests that need a process with known behaviour. */
export interface Worker {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Allocates and touches so many bytes more; returns when they are resident. */
  grow(bytes: number): Promise<void>;
  end(): Promise<void>;
}

const PROGRAM = `
const held = [];
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  held.push(Buffer.alloc(Number(line), 1));
  console.log('grown');
}).on('close', () => process.exit(0));
console.log('ready');
`;

export async function startWorker(
  options: { readonly argv?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Worker> {
  const argv = ['--max-old-space-size=64', '-e', PROGRAM, '--', ...(options.argv ?? [])];
  const env = { PATH: process.env['PATH'] ?? '', ...options.env };
  const child = spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'inherit'], env });
  const lines = createInterface({ input: child.stdout });
  await Promise.race([
    once(lines, 'line'),
    once(child, 'exit').then(() => Promise.reject(new Error('the worker ended'))),
  ]);
  const { pid } = child;
  if (pid === undefined) throw new Error('the worker did not start');
  return {
    pid,
    child,
    async grow(bytes) {
      const answer = once(lines, 'line');
      child.stdin.write(`${bytes}\n`);
      await answer;
    },
    end: () => endChild(child),
  };
}

/** Kills a child of ours and waits until it is reaped. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** Asks again until the answer is there; fails with `what` after a time that no loaded machine should need. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | null | undefined | false>,
  deadlineMs = 30_000,
): Promise<T> {
  const untilMs = performance.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    if (performance.now() > untilMs) throw new Error(`not seen in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
