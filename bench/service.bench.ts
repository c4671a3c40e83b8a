// What the whole service costs beside 1,000 processes, 50 of which belong to an agent: CPU and RSS of the service as
// clients start it, against a bare Node that does nothing but tick once a second, in the same run.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'tsdown';
import { connect } from '../src/service/socket/client.ts';
import { NODE_FLAGS } from '../src/service/socket/launch.ts';
import { startFarm } from '../test/support/processes/farm.ts';
import { cpuMsOf, median, rssBytesOf } from './support/cpu.ts';
import { enterPidNamespace } from './support/pid-namespace.ts';

const PROCESSES = 1000;
const OF_AGENTS = 50;
const LIMITS = { cpuPercent: 0.3, rssAboveBareBytes: 35 * 1024 * 1024 };
/** Facts of all, first PSS of all within the budget, and the back-off of what is quiet. */
const WARMUP_MS = 60_000;
/** Each slice holds one write of history, which is once a minute; the median of three is not one bad moment. */
const SLICE_MS = 60_000;
const SLICES = 3;

const MIB = 1024 * 1024;
const where = enterPidNamespace();
const root = mkdtempSync(join(tmpdir(), 'rampart-bench-service-'));
const env = {
  PATH: process.env['PATH'] ?? '',
  HOME: root,
  RAMPART_STATE_DIR: join(root, 'state'),
  RAMPART_RUNTIME_DIR: join(root, 'run'),
  RAMPART_SERVICE__LINGER_MS: '3600000',
};
const socketPath = join(env.RAMPART_RUNTIME_DIR, 'rampart.sock');

const strangers = await startFarm(PROCESSES - OF_AGENTS);
process.env['CLAUDECODE'] = '1';
process.env['CLAUDE_CODE_SESSION_ID'] = '11111111-2222-4333-8444-555555555555';
const tools = await startFarm(OF_AGENTS);
// Dependencies inside, as in dist/.
await build({
  entry: { service: fileURLToPath(new URL('../src/entries/service.ts', import.meta.url)) },
  outDir: join(root, 'dist'),
  format: 'esm',
  platform: 'node',
  noExternal: [/./],
  logLevel: 'error',
  config: false,
  dts: false,
});
const children: ChildProcess[] = [];

try {
  const bare = start(['-e', 'setInterval(() => {}, 1000)']);
  const rampart = start([...NODE_FLAGS, join(root, 'dist', 'service.mjs'), '--background']);
  while (!existsSync(socketPath)) {
    pidOf(rampart);
    await sleep(50);
  }
  await sleep(WARMUP_MS);
  const slices: { service: number; bare: number }[] = [];
  for (let slice = 0; slice < SLICES; slice += 1) slices.push(await slicePercent(rampart, bare));
  const cpu = { service: median(slices.map((each) => each.service)), bare: median(slices.map((each) => each.bare)) };
  const rss = { service: rssBytesOf(pidOf(rampart)), bare: rssBytesOf(pidOf(bare)) };

  const client = await connect({ socketPath, face: 'cli' });
  const from = performance.now();
  const status = await client.status();
  const statusMs = performance.now() - from;
  await client.close();
  const seen = status.coverage.processes;
  const orphans = status.unattributed.filter(({ role }) => role !== 'other').length;

  console.log(
    `${seen} processes seen, ${orphans} of agents; processes of others: ${where === 'inside' ? 'none' : 'yes, noise'}`,
  );
  console.log('                     service      bare node    ratio   limit');
  console.log(
    `CPU of a core        ${cpu.service.toFixed(3).padStart(7)} %   ${cpu.bare.toFixed(3).padStart(7)} %   ${(cpu.service / cpu.bare).toFixed(1).padStart(6)}   ≤ ${LIMITS.cpuPercent} %   (${slices.map((each) => each.service.toFixed(3)).join(', ')})`,
  );
  console.log(
    `RSS                  ${(rss.service / MIB).toFixed(1).padStart(7)} MiB ${(rss.bare / MIB).toFixed(1).padStart(7)} MiB ${(rss.service / rss.bare).toFixed(2).padStart(6)}   ≤ bare + 35 MiB`,
  );
  console.log(`status over socket   ${statusMs.toFixed(0).padStart(7)} ms   (no limit)`);
  const misses = [
    ...(seen < PROCESSES || orphans < OF_AGENTS ? [`only ${seen} processes were seen, ${orphans} of agents`] : []),
    ...(cpu.service > LIMITS.cpuPercent ? [`CPU ${cpu.service.toFixed(3)} % > ${LIMITS.cpuPercent} %`] : []),
    ...(rss.service - rss.bare > LIMITS.rssAboveBareBytes
      ? [`RSS ${((rss.service - rss.bare) / MIB).toFixed(1)} MiB above bare`]
      : []),
  ];
  for (const miss of misses) console.log(`MISS ${miss}`);
  if (misses.length === 0) console.log('ok   all limits are kept');
  process.exitCode = misses.length === 0 ? 0 : 1;
} finally {
  for (const child of children) await end(child);
  await strangers.end();
  await tools.end();
  rmSync(root, { recursive: true, force: true });
}

function start(argv: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, argv, { cwd: '/', env, stdio: ['ignore', 'inherit', 'inherit'] });
  children.push(child);
  return child;
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined || child.exitCode !== null) throw new Error('a program to measure does not run');
  return child.pid;
}

/** Both over the same time, so that a busy machine slows both. */
async function slicePercent(rampart: ChildProcess, bare: ChildProcess): Promise<{ service: number; bare: number }> {
  const fromMs = performance.now();
  const before = [cpuMsOf(pidOf(rampart)), cpuMsOf(pidOf(bare))] as const;
  await sleep(SLICE_MS);
  const spanMs = performance.now() - fromMs;
  return {
    service: ((cpuMsOf(pidOf(rampart)) - before[0]) / spanMs) * 100,
    bare: ((cpuMsOf(pidOf(bare)) - before[1]) / spanMs) * 100,
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}
