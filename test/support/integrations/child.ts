import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** Polls until `look` gives something true; fails after 30 s with what it last gave. */
export async function until<T>(look: () => T | Promise<T>, isDone: (value: T) => boolean = Boolean): Promise<T> {
  const fromMs = performance.now();
  for (;;) {
    const value = await look();
    if (isDone(value)) return value;
    if (performance.now() - fromMs > 30_000) throw new Error(`still ${JSON.stringify(value)} after 30 s`);
    await sleep(50);
  }
}

/** A Node child; `source` is inline code with `args` in argv from 1 on, or a program's path. */
export function node(
  source: { readonly code: string } | { readonly program: string },
  ...args: string[]
): ChildProcess {
  const argv = 'code' in source ? ['-e', source.code, ...args] : ['--import', 'tsx', source.program, ...args];
  return spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
}

export function exitOf(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode ?? child.signalCode);
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
}

export function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(text.split('\n')[0] ?? '');
    });
    child.once('exit', () => reject(new Error('ended before it said anything')));
  });
}
