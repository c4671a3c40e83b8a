// What one agent session pays for having Rampart: spawn → `tools/list` answered, beside a bare Node program that answers
// the same lines and beside @modelcontextprotocol/server-memory, interleaved in one run. Limits of the project: CPU at
// most 2.3 × the bare program, RSS at most 15 MiB above it, gone within 1 s of the client's end. Where the environment has
// NODE_EXTRA_CA_CERTS, Node itself reads certificates for tens of ms before any program runs, which flatters a ratio: so
// everything is measured without it too, and the limits hold for both.
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DIST, RELAY, openPlaces, startRelay } from '../test/support/mcp/relay.ts';

const RUNS = 11;
const MAX_CPU_RATIO = 2.3;
const MAX_RSS_MIB = 15;
const MAX_END_MS = 1000;
const PEER = '@modelcontextprotocol/server-memory@2026.8.31';

/** CommonJS without a single import: the least that Node can be. */
const STUB = `
let rest = '';
process.stdin.on('data', (chunk) => {
  const lines = (rest + chunk).split('\\n');
  rest = lines.pop();
  for (const line of lines) {
    const { id, method } = JSON.parse(line);
    if (id === undefined) continue;
    const result = method === 'tools/list' ? { tools: [] }
      : { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'stub', version: '1' } };
    process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n');
  }
});
`;

interface Run {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly rssMiB: number;
  readonly pssMiB: number;
}

const places = openPlaces();
const out = resolve('bench/out/mcp-startup');
mkdirSync(out, { recursive: true });
const stub = join(out, 'stub.cjs');
writeFileSync(stub, STUB);

/** Time on CPU of all threads so far: schedstat of each task counts nanoseconds, /proc/PID/stat only ticks of 10 ms. */
const cpuMs = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`).reduce(
    (sum, task) => sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1e6,
    0,
  );

function memoryMiB(pid: number, field: 'Rss' | 'Pss'): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(rollup)?.[1]) / 1024;
}

/** Speaks the two requests that every client sends first; measures at the moment when the second is answered. */
async function measure(program: string, inherited: NodeJS.ProcessEnv): Promise<Run> {
  const startedAt = performance.now();
  const env = { ...inherited, ...places.env, MEMORY_FILE_PATH: join(places.dir, 'memory.jsonl') };
  const child = spawn(process.execPath, [program], { env, stdio: 'pipe' });
  child.stderr.resume();
  const pid = child.pid ?? 0;
  await ask(child, 0, 'initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'b', version: '1' },
  });
  child.stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
  await ask(child, 1, 'tools/list', {});
  const run = {
    wallMs: performance.now() - startedAt,
    cpuMs: cpuMs(pid),
    rssMiB: memoryMiB(pid, 'Rss'),
    pssMiB: memoryMiB(pid, 'Pss'),
  };
  child.kill('SIGKILL');
  await new Promise((ended) => child.once('exit', ended));
  return run;
}

function ask(child: ChildProcessWithoutNullStreams, id: number, method: string, params: object): Promise<void> {
  return new Promise((answered, failed) => {
    let text = '';
    const onExit = () => failed(new Error(`the program ended before it answered ${method}`));
    child.once('exit', onExit);
    child.stdout.on('data', function listen(chunk) {
      text += String(chunk);
      if (!text.includes(`"id":${id}`) || !text.endsWith('\n')) return;
      child.stdout.off('data', listen);
      child.off('exit', onExit);
      answered();
    });
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
  });
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** The peer, installed beside the results and outside of our own dependencies. */
function installPeer(): string | null {
  const program = join(out, 'node_modules/@modelcontextprotocol/server-memory/dist/index.js');
  try {
    if (!existsSync(program)) {
      execFileSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--prefix', out, PEER], {
        stdio: 'ignore',
      });
    }
    return program;
  } catch {
    return null;
  }
}

const peer = installPeer();
const { NODE_EXTRA_CA_CERTS: certificates, ...withoutCertificates } = process.env;
const settings = [
  { note: '', env: process.env },
  ...(certificates === undefined ? [] : [{ note: ', no extra CA', env: withoutCertificates }]),
];
const programs = settings.flatMap(({ note, env }) =>
  [
    { name: 'bare node stub', program: stub },
    { name: 'rampart mcp', program: RELAY },
    ...(peer === null ? [] : [{ name: 'server-memory', program: peer }]),
  ].map(({ name, program }) => ({ name: name + note, bare: `bare node stub${note}`, program, env })),
);
const runs = new Map(programs.map(({ name }) => [name, [] as Run[]]));
for (let run = 0; run < RUNS; run += 1) {
  for (const { name, program, env } of programs) runs.get(name)?.push(await measure(program, env));
}
const of = (name: string, field: keyof Run): number => median((runs.get(name) ?? []).map((run) => run[field]));

console.log(`spawn → tools/list answered, medians of ${RUNS} interleaved runs, Node ${process.version}, ${DIST}\n`);
console.log('| program | wall ms | CPU ms | × bare | RSS MiB | above bare | PSS MiB |');
console.log('|---|---|---|---|---|---|---|');
for (const { name, bare } of programs) {
  const cells = [
    of(name, 'wallMs').toFixed(0),
    of(name, 'cpuMs').toFixed(0),
    (of(name, 'cpuMs') / of(bare, 'cpuMs')).toFixed(2),
    of(name, 'rssMiB').toFixed(1),
    (of(name, 'rssMiB') - of(bare, 'rssMiB')).toFixed(1),
    of(name, 'pssMiB').toFixed(1),
  ];
  console.log(`| ${name} | ${cells.join(' | ')} |`);
}
if (peer === null)
  console.log('\nserver-memory could not be installed (no network?): compared with the bare stub only.');

// After the first question the relay also holds its tools and a socket.
const used = startRelay(places);
await used.initialize();
await used.callTool('memory_status');
console.log(`\nrampart mcp after its first tool call: RSS ${memoryMiB(used.pid, 'Rss').toFixed(1)} MiB`);
used.child.stdin.end();
await used.ended();

console.log('\n| ended by | gone after ms |');
console.log('|---|---|');
const ends: Record<string, number> = {};
for (const way of ['end of stdin', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  const relay = startRelay(places);
  await relay.initialize();
  await relay.callTool('memory_status');
  const from = performance.now();
  if (way === 'end of stdin') relay.child.stdin.end();
  else relay.child.kill(way);
  await relay.ended();
  ends[way] = performance.now() - from;
  console.log(`| ${way} | ${ends[way].toFixed(0)} |`);
}
await places.clean();

const ours = programs.filter(({ program }) => program === RELAY);
const ratio = Math.max(...ours.map(({ name, bare }) => of(name, 'cpuMs') / of(bare, 'cpuMs')));
const above = Math.max(...ours.map(({ name, bare }) => of(name, 'rssMiB') - of(bare, 'rssMiB')));
const slowest = Math.max(...Object.values(ends));
const missed = [
  ...(ratio <= MAX_CPU_RATIO ? [] : [`CPU ${ratio.toFixed(2)} × bare node, limit ${MAX_CPU_RATIO}`]),
  ...(above <= MAX_RSS_MIB ? [] : [`RSS ${above.toFixed(1)} MiB above bare node, limit ${MAX_RSS_MIB}`]),
  ...(slowest <= MAX_END_MS ? [] : [`ended after ${slowest.toFixed(0)} ms, limit ${MAX_END_MS}`]),
];
console.log(missed.length === 0 ? '\nall limits are met' : `\nMISSED: ${missed.join('; ')}`);
process.exit(missed.length === 0 ? 0 : 1);
