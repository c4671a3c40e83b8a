// What it costs to keep up with a memory bank of 10,000 files, and how soon the state is right after a storm of writes:
// Rampart's watching of directories beside chokidar, as it comes and with files ignored, in the same run.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cpuMsOf, rssBytesOf } from './support/cpu.ts';
import { bundle } from './support/program.ts';

const FOLDERS = 100;
const FILES_PER_FOLDER = 100;
const WRITES = 30_000;
const LIMITS = { rssBytes: 10 * 1024 * 1024, watches: 300, settleMs: 5000 };
/** Long enough for the first garbage of the start to be collected, and for one sweep. */
const REST_MS = 6000;
const GIVE_UP_MS = 30_000;

interface Result {
  readonly way: string;
  readonly watches: number;
  readonly restBytes: number;
  readonly stormBytes: number;
  readonly peakBytes: number;
  readonly stormCpuMs: number;
  readonly idleCpuPercent: number;
  readonly settleMs: number | null;
}

function makeBank(): string {
  const project = mkdtempSync(join(tmpdir(), 'rampart-bank-'));
  for (let folder = 0; folder < FOLDERS; folder += 1) {
    const path = join(project, 'memory', 'agents', `agent-${folder}`);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'state.json'), stateOf(folder, 'first'));
    for (let file = 1; file < FILES_PER_FOLDER; file += 1) writeFileSync(join(path, `note-${file}.md`), 'first');
  }
  return project;
}

const stateOf = (folder: number, status: string): string => JSON.stringify({ pid: 1000 + folder, status });

/** Writes every file of the bank in turn until 30,000 writes are done; the records come last, the very last with `last`. */
const STORM = `
  const { writeFileSync } = require('node:fs');
  const [project, folders, files, writes] = process.argv.slice(1);
  const rounds = writes / (folders * files);
  for (let round = 1; round <= rounds; round += 1) {
    const status = round === rounds ? 'last' : 'round-' + round;
    for (let file = files - 1; file >= 0; file -= 1)
      for (let folder = 0; folder < folders; folder += 1) {
        const path = project + '/memory/agents/agent-' + folder + '/';
        if (file === 0) writeFileSync(path + 'state.json', JSON.stringify({ pid: 1000 + folder, status }));
        else writeFileSync(path + 'note-' + file + '.md', status);
      }
  }`;

async function storm(project: string): Promise<void> {
  const counts = [FOLDERS, FILES_PER_FOLDER, WRITES].map(String);
  const child = spawn(process.execPath, ['-e', STORM, project, ...counts], { stdio: 'inherit' });
  await new Promise((resolve) => child.once('exit', resolve));
}

async function measure(program: string, way: string): Promise<Result> {
  const project = makeBank();
  const child = spawn(process.execPath, [program, way, project], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { pid } = child;
  try {
    if (pid === undefined || (await lines.next()).value !== 'ready') throw new Error(`${way} did not start`);
    await sleep(1000);
    const idleFrom = cpuMsOf(pid);
    await sleep(REST_MS);
    const idleCpuPercent = ((cpuMsOf(pid) - idleFrom) / REST_MS) * 100;
    const restBytes = rssBytesOf(pid);
    const watches = watchesOf(pid);
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
    const cpuFrom = cpuMsOf(pid);
    if (way !== 'none') await storm(project);
    const settleMs = way === 'none' ? null : await settled(child, lines);
    const stormCpuMs = cpuMsOf(pid) - cpuFrom;
    await sleep(REST_MS);
    return {
      way,
      watches,
      restBytes,
      stormBytes: rssBytesOf(pid),
      peakBytes: peakOf(pid),
      stormCpuMs,
      idleCpuPercent,
      settleMs,
    };
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.stdin.end();
    await Promise.race([ended, sleep(5000)]);
    if (child.exitCode === null) {
      misses.push(`${way}: the process ends after close()`);
      child.kill('SIGKILL');
    }
    rmSync(project, { recursive: true, force: true });
  }
}

async function settled(child: ChildProcess, lines: AsyncIterator<string>): Promise<number | null> {
  const fromMs = performance.now();
  while (performance.now() - fromMs < GIVE_UP_MS) {
    child.stdin?.write('last\n');
    if ((await lines.next()).value === String(FOLDERS)) return performance.now() - fromMs;
    await sleep(20);
  }
  return null;
}

/** inotify watches: one line each in the descriptor's fdinfo. */
function watchesOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fdinfo`)
    .map((fd) => (readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8').match(/^inotify wd/gm) ?? []).length)
    .reduce((sum, count) => sum + count, 0);
}

function peakOf(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) * 1024;
}

const misses: string[] = [];
function check(ok: boolean, text: string): void {
  console.log(`${ok ? 'ok  ' : 'MISS'} ${text}`);
  if (!ok) misses.push(text);
}

const program = await bundle(fileURLToPath(new URL('memory-bank/watcher.ts', import.meta.url)));
const results: Result[] = [];
try {
  for (const way of ['none', 'rampart', 'chokidar-directories', 'chokidar'])
    results.push(await measure(program.path, way));
} finally {
  program.remove();
}

const [bare, ours, ...peers] = results as [Result, Result, ...Result[]];
const mib = (size: number): string => (size / 1024 / 1024).toFixed(1);
console.log(
  `${FOLDERS * FILES_PER_FOLDER} files in ${FOLDERS} folders, ${WRITES} writes; memory is RSS above the same program watching nothing`,
);
console.table(
  [ours, ...peers].map((result) => ({
    way: result.way,
    watches: result.watches,
    'at rest, MiB': mib(result.restBytes - bare.restBytes),
    'after the storm, MiB': mib(result.stormBytes - bare.stormBytes),
    'peak, MiB': mib(result.peakBytes - bare.peakBytes),
    'CPU of the storm, ms': Math.round(result.stormCpuMs),
    'right after, ms': result.settleMs === null ? 'never' : Math.round(result.settleMs),
    'CPU at rest, %': result.idleCpuPercent.toFixed(3),
  })),
);
const plain = peers.at(-1);
if (plain !== undefined) {
  const ratio = (a: number, b: number): string => (a / b).toFixed(2);
  console.log(
    `beside chokidar as it comes: ${ratio(ours.watches, plain.watches)} of the watches, ${ratio(ours.stormCpuMs, plain.stormCpuMs)} of the CPU`,
  );
}
check(ours.watches <= LIMITS.watches, `${ours.watches} watches, at most ${LIMITS.watches}`);
check(
  ours.restBytes - bare.restBytes <= LIMITS.rssBytes,
  `${mib(ours.restBytes - bare.restBytes)} MiB at rest, at most 10`,
);
check(
  ours.stormBytes - bare.stormBytes <= LIMITS.rssBytes,
  `${mib(ours.stormBytes - bare.stormBytes)} MiB after the storm, at most 10`,
);
check(
  ours.settleMs !== null && ours.settleMs <= LIMITS.settleMs,
  `right ${Math.round(ours.settleMs ?? Number.NaN)} ms after the storm, at most 5000`,
);
process.exit(misses.length > 0 ? 1 : 0);
