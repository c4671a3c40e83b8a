import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessId } from '../../../src/model/index.ts';

export interface Child {
  readonly id: ProcessId;
  readonly child: ChildProcess;
  /** What it wrote to stdout so far. */
  said(): string;
  isAlive(): boolean;
  end(): Promise<void>;
}

export function startTimeOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
}

/** A child with pipes; ended by whoever started it. */
export async function start(command: string, args: readonly string[], options: SpawnOptions = {}): Promise<Child> {
  const child = spawn(command, args, { stdio: 'pipe', ...options });
  let said = '';
  child.stdout?.on('data', (piece: Buffer) => (said += piece.toString()));
  child.stderr?.resume();
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const pid = child.pid as number;
  return {
    id: { pid, startTime: startTimeOf(pid) },
    child,
    said: () => said,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    async end() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Node dies of SIGUSR1 in its first moments, and is not looked into before it is 2 s old. */
export const GROWN_UP_MS = 2_100;

export async function until(what: () => boolean, timeoutMs = 5_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!what()) {
    if (performance.now() > deadline) throw new Error('it did not happen in time');
    await sleep(10);
  }
}

/** Whether anything listens at this port of 127.0.0.1. */
export function isListening(port: number): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return readFileSync('/proc/net/tcp', 'latin1').includes(`0100007F:${hex} 00000000:0000 0A`);
}
