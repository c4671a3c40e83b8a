import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'tsdown';
import { cpuMsOf, rssBytesOf } from './cpu.ts';

/** Bundles one TypeScript program for plain Node, so that no loader's memory is measured with it. */
export async function bundle(entry: string): Promise<{ readonly path: string; remove(): void }> {
  const outDir = mkdtempSync(join(tmpdir(), 'rampart-bench-'));
  await build({ entry: { program: entry }, outDir, format: 'esm', logLevel: 'error', config: false, dts: false });
  return { path: join(outDir, 'program.mjs'), remove: () => rmSync(outDir, { recursive: true, force: true }) };
}

export interface Cost {
  /** Share of one core over the window, percent. */
  readonly cpuPercent: number;
  /** RSS at the end of the window. */
  readonly rssBytes: number;
}

/** Cost of a Node program that runs until its stdin ends, over `windowMs` after `warmupMs`. */
export async function costOf(argv: readonly string[], warmupMs: number, windowMs: number): Promise<Cost> {
  const child = spawn(process.execPath, argv, { stdio: ['pipe', 'inherit', 'inherit'] });
  try {
    await sleep(warmupMs);
    return await costOfRunning(child, windowMs);
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.stdin.end();
    await ended;
  }
}

async function costOfRunning(child: ChildProcess, windowMs: number): Promise<Cost> {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null) throw new Error('the program to measure does not run');
  const fromMs = performance.now();
  const before = cpuMsOf(pid);
  await sleep(windowMs);
  const cpuMs = cpuMsOf(pid) - before;
  return { cpuPercent: (cpuMs / (performance.now() - fromMs)) * 100, rssBytes: rssBytesOf(pid) };
}
