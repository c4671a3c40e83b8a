// What a look at the machine's processes costs, beside a C program that reads the same files and beside the usual tools.
// The sampler is measured as the service runs it, over all processes there are; the C program reads only the farm's.
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import pidusage from 'pidusage';
import si from 'systeminformation';
import type { Clock } from '../src/model/index.ts';
import { createLinuxSource, systemClock } from '../src/sources/index.ts';
import { createProcIo } from '../src/sources/linux/proc-io.ts';
import { createProcessTable } from '../src/sources/linux/process-table.ts';
import { readKernelUnits } from '../src/sources/linux/units.ts';
import { compile, startFarm } from '../test/support/processes/farm.ts';
import { cpuWithChildrenMs, median, ownCpuMs } from './support/cpu.ts';
import { enterPidNamespace } from './support/pid-namespace.ts';
import { bundle, costOf } from './support/program.ts';

const SIZES = [10, 100, 1000, 5000];
const LIMITS = { timesC: 3, timesCheaperThanPidusage: 5, loopCpuPercent: 0.3 };
const LOOP_PROCESSES = 1000;
const failures: string[] = [];
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

function check(ok: boolean, text: string): void {
  console.log(`${ok ? 'ok  ' : 'MISS'} ${text}`);
  if (!ok) failures.push(text);
}

/** Median over rounds, without the first third, in which the compiler warms up. */
async function typicalMs(count: number, work: () => unknown, meter = ownCpuMs): Promise<number> {
  const costs: number[] = [];
  for (let round = 0; round < count; round += 1) costs.push(await meter(work));
  return median(costs.slice(Math.floor(count / 3)));
}

/** Many rounds in one reading: a child's time is only known to 10 ms. */
async function averageMs(count: number, work: () => unknown): Promise<number> {
  const repeated = async (): Promise<void> => {
    for (let round = 0; round < count; round += 1) await work();
  };
  return (await cpuWithChildrenMs(repeated)) / count;
}

function readerMs(program: string, pids: readonly number[], withStat: boolean): number {
  const run = spawnSync(program, ['60', ...(withStat ? ['stat'] : [])], { input: pids.join('\n') });
  if (run.status !== 0) throw new Error(`the C reader failed: ${run.stderr.toString()}`);
  const microseconds = run.stdout.toString().trim().split('\n').map(Number);
  return median(microseconds.slice(20)) / 1000;
}

/** A clock that can be moved on, so that every process is due at the next sweep. */
function movableClock(): Clock & { move(ms: number): void } {
  let aheadMs = 0;
  return {
    nowMs: () => systemClock.nowMs(),
    monotonicMs: () => systemClock.monotonicMs() + aheadMs,
    move: (ms) => void (aheadMs += ms),
  };
}

async function sweepCosts(
  pids: readonly number[],
): Promise<{ statm: number; complete: number; quiet: number; seen: number }> {
  const clock = movableClock();
  const source = createLinuxSource({ clock, pssBudgetMsPerSecond: 0 });
  const { processes } = await source.sample();
  const seen = processes.size;
  const complete = await typicalMs(30, () => source.sample({ complete: true }));
  // Five sweeps of 16 s each bring all into the slowest tier; then 1 s steps are what a quiet machine costs per tick.
  for (let sweep = 0; sweep < 5; sweep += 1) {
    clock.move(16_000);
    await source.sample();
  }
  const quiet =
    (await ownCpuMs(async () => {
      for (let tick = 0; tick < 64; tick += 1) {
        clock.move(1_000);
        await source.sample();
      }
    })) / 64;
  await source.close();
  return { statm: await statmCost(pids), complete, quiet, seen };
}

/** A look at every process, quiet and not due for `stat`: what a sweep after a jump of memory does. */
async function statmCost(pids: readonly number[]): Promise<number> {
  const now = { monotonicMs: 0, wallMs: 0 };
  const parts = { io: createProcIo(), clock: systemClock, procRoot: '/proc', units: readKernelUnits() };
  const table = createProcessTable({ ...parts, maxDescriptors: 8192 });
  for (const pid of pids) table.adopt(pid, now);
  if (table.byPid.size !== pids.length) throw new Error('the farm is not complete');
  const cost = await typicalMs(60, () => {
    for (const row of table.byPid.values()) {
      if (table.look(row, false, now) !== 'refreshed') throw new Error(`${row.sample.pid} could not be read`);
    }
  });
  table.close();
  return cost;
}

if (enterPidNamespace() === 'shared') console.log('no pid namespace to be had: other processes are seen and cost too');
const reader = compile(here('./sampler/reader.c'));
for (const size of SIZES) {
  const farm = await startFarm(size, 64);
  try {
    const statm = readerMs(reader.path, farm.pids, false);
    const both = readerMs(reader.path, farm.pids, true);
    const ours = await sweepCosts(farm.pids);
    const usage = await typicalMs(size > 1000 ? 6 : 12, () => pidusage([...farm.pids]));
    pidusage.clear();
    const ps = await averageMs(size > 1000 ? 5 : 10, () =>
      execFileSync('ps', ['-axo', 'pid,ppid,rss,time,state,comm'], { maxBuffer: 1e8 }),
    );
    // Its shell starts one `cat` per process: at 5,000 that is minutes of nothing learnt.
    const system = size > 1000 ? null : await averageMs(1, () => si.processes());
    console.log(`\n${size} stand-in processes (${ours.seen} seen), CPU ms per sweep`);
    console.table({
      'C: statm, kept': { ms: statm.toFixed(3), timesC: '1.0' },
      'rampart: statm of all': { ms: ours.statm.toFixed(3), timesC: (ours.statm / statm).toFixed(1) },
      'rampart: a tick when all are quiet': { ms: ours.quiet.toFixed(3), timesC: (ours.quiet / statm).toFixed(1) },
      'C: statm + stat': { ms: both.toFixed(3), timesC: '1.0' },
      'rampart: complete (statm + stat)': { ms: ours.complete.toFixed(3), timesC: (ours.complete / both).toFixed(1) },
      pidusage: { ms: usage.toFixed(3), timesC: (usage / both).toFixed(1) },
      ps: { ms: ps.toFixed(3), timesC: (ps / both).toFixed(1) },
      systeminformation:
        system === null ? { ms: 'not run', timesC: '' } : { ms: system.toFixed(3), timesC: (system / both).toFixed(1) },
    });
    if (size === 1000) {
      check(
        ours.statm <= LIMITS.timesC * statm,
        `statm of 1000: ${(ours.statm / statm).toFixed(2)}× C (limit ${LIMITS.timesC}×)`,
      );
      check(
        ours.complete <= LIMITS.timesC * both,
        `statm + stat of 1000: ${(ours.complete / both).toFixed(2)}× C (limit ${LIMITS.timesC}×)`,
      );
      const cheaper = usage / ours.statm;
      check(
        cheaper >= LIMITS.timesCheaperThanPidusage,
        `pidusage costs ${cheaper.toFixed(1)}× a sweep (at least ${LIMITS.timesCheaperThanPidusage}×)`,
      );
    }
  } finally {
    await farm.end();
  }
}
reader.remove();

const loop = await bundle(here('./sampler/loop.ts'));
const farm = await startFarm(LOOP_PROCESSES, 64);
try {
  // Warm up until the first footprints' saved budget is spent and all processes are in the slow tiers.
  const bare = await costOf(
    ['-e', "setInterval(() => {}, 1000); process.stdin.on('end', () => process.exit(0)).resume()"],
    20_000,
    5_000,
  );
  const cost = await costOf([loop.path], 40_000, 60_000);
  const above = (cost.rssBytes - bare.rssBytes) / 2 ** 20;
  console.log(
    `\n1 Hz over ${LOOP_PROCESSES} processes for 60 s, PSS budget 1 ms/s: ${cost.cpuPercent.toFixed(3)} % of a core`,
  );
  console.log(
    `RSS ${(cost.rssBytes / 2 ** 20).toFixed(1)} MiB, bare node ${(bare.rssBytes / 2 ** 20).toFixed(1)} MiB: + ${above.toFixed(1)} MiB`,
  );
  check(
    cost.cpuPercent <= LIMITS.loopCpuPercent,
    `loop: ${cost.cpuPercent.toFixed(3)} % of a core (limit ${LIMITS.loopCpuPercent} %)`,
  );
} finally {
  await farm.end();
  loop.remove();
}
process.exit(failures.length > 0 ? 1 : 0);
