import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The real CLI as a child process, with a state, a runtime directory and a home of its own. */
export interface Sandbox {
  readonly dir: string;
  readonly env: Record<string, string>;
  dispose(): void;
}

export const CLI = ['--import', resolve('node_modules/tsx/dist/esm/index.mjs'), resolve('src/entries/cli.ts')];

export function sandbox(extra: Record<string, string> = {}): Sandbox {
  const dir = mkdtempSync(join(tmpdir(), 'rampart-cli-'));
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: dir,
    TMPDIR: dir,
    LANG: 'C.UTF-8',
    TERM: 'xterm-256color',
    RAMPART_STATE_DIR: join(dir, 'state'),
    RAMPART_RUNTIME_DIR: join(dir, 'run'),
    ...extra,
  };
  return { dir, env, dispose: () => rmSync(dir, { recursive: true, force: true }) };
}

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A child whose output is kept as it comes. */
export interface Running {
  readonly child: ChildProcess;
  out(): string;
  err(): string;
  readonly ended: Promise<Ran>;
}

export function start(
  command: string,
  args: readonly string[],
  box: Sandbox,
  env: Record<string, string> = {},
): Running {
  const child = spawn(command, args, { cwd: process.cwd(), env: { ...box.env, ...env }, stdio: 'pipe' });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  child.stdin.on('error', () => undefined);
  const ended = new Promise<Ran>((done) => child.on('close', (code) => done({ code, out, err })));
  return { child, out: () => out, err: () => err, ended };
}

export function startCli(args: readonly string[], box: Sandbox, env: Record<string, string> = {}): Running {
  return start(process.execPath, [...CLI, ...args], box, env);
}

export function cli(args: readonly string[], box: Sandbox, env: Record<string, string> = {}): Promise<Ran> {
  return startCli(args, box, env).ended;
}

/** Generous: two cores may be shared with whole test suites of others. */
export const PATIENCE_MS = 100_000;

export async function until<T>(what: string, find: () => T | undefined | null | false): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = find();
    if (found !== undefined && found !== null && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await sleep(50);
  }
}

/** Live processes (no zombies) whose command line or environment names `needle`. */
export function processesNaming(needle: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
        if (stat[stat.lastIndexOf(')') + 2] === 'Z') return false;
        const text = readFileSync(`/proc/${pid}/cmdline`, 'latin1') + readFileSync(`/proc/${pid}/environ`, 'latin1');
        return text.includes(needle);
      } catch {
        return false;
      }
    });
}

/** PSS + swap as the kernel tells it now, independent of Rampart's own readers. Zero for a process that has gone. */
export function pssPlusSwap(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
    const of = (name: string): number => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
    return of('Pss') + of('SwapPss');
  } catch {
    return 0;
  }
}
