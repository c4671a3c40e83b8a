import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));

/** Compiles a C program of one file into a new temporary directory; `remove` takes it away again. */
export function compile(source: string): { readonly path: string; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'rampart-cc-'));
  const path = join(directory, 'program');
  execFileSync('cc', ['-O2', '-o', path, source]);
  return { path, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

export interface Farm {
  readonly pids: readonly number[];
  readonly process: ChildProcess;
  end(): Promise<void>;
}

/** `count` idle processes of about `kilobytes` each, cheap enough for thousands; all end with the caller. */
export async function startFarm(count: number, kilobytes = 0): Promise<Farm> {
  const program = compile(join(HERE, 'farm.c'));
  const child = spawn(program.path, [String(count), String(kilobytes)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const pids: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    pids.push(Number(line));
    if (pids.length === count) break;
  }
  program.remove();
  if (pids.length !== count) throw new Error(`the farm started ${pids.length} of ${count} processes`);
  return {
    pids,
    process: child,
    async end() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.stdin.end();
      await ended;
    },
  };
}
