// What a test program keeps, apart from the gate: a preload of its own collects in each isolate every 3 s, and the slope of
// heap + external from second 12 on is printed, KB/s. Run it, and note its figures, before any verdict is looked at.
//   node scripts/program-truth.mjs [--seconds 60] [--jobs 2] [--only TEXT,TEXT…] [--json FILE]
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    jobs: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
    json: { type: 'string' },
  },
});
const EVERY_MS = 3_000;
const FROM_MS = 12_000;
const programs = resolve('test/programs');
const out = mkdtempSync(join(tmpdir(), 'rampart-truth-'));
process.env.TMPDIR = out;
const preload = join(out, 'preload.cjs');
writeFileSync(
  preload,
  `const { appendFileSync } = require('node:fs');
  const { threadId } = require('node:worker_threads');
  const { setInterval, performance } = globalThis;
  const memory = process.memoryUsage.bind(process);
  require('node:v8').setFlagsFromString('--expose-gc');
  const gc = require('node:vm').runInNewContext('gc');
  const file = process.env.TRUTH_DIRECTORY + '/' + process.pid + '-' + threadId;
  setInterval(() => {
    gc();
    const { heapUsed, external } = memory();
    try { appendFileSync(file, (Date.now() - process.env.TRUTH_START_MS) + ' ' + (heapUsed + external) + '\\n'); } catch {}
  }, ${EVERY_MS}).unref();`,
);

const queue = await cases();
const results = [];
await Promise.all(Array.from({ length: Number(values.jobs) }, worker));
rmSync(out, { recursive: true, force: true });
results.sort((a, b) => `${a.program} ${a.variant}`.localeCompare(`${b.program} ${b.variant}`));
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 1)}\n`);
for (const { program, variant, kbPerSecond, from, to, points, seconds, status } of results)
  console.log(
    `${program} ${variant}: ${kbPerSecond?.toFixed(1) ?? 'no'} KB/s, ${from?.toFixed(1)} → ${to?.toFixed(1)} MB, ${points} points, ${seconds} s, status ${status}`,
  );

async function cases() {
  const found = [];
  for (const folder of ['leaks', 'healthy']) {
    for (const file of readdirSync(join(programs, folder)).filter((name) => name.endsWith('.mjs'))) {
      const program = `${folder}/${file.slice(0, -'.mjs'.length)}`;
      const { default: definition } = await import(join(programs, folder, file));
      for (const variant of Object.keys(definition.packages)) {
        const command = () =>
          definition.command?.(values.seconds, variant) ?? ['node', 'run.mjs', program, variant, values.seconds];
        found.push({ program, variant, command });
      }
    }
  }
  return found.filter(({ program }) => values.only.split(',').some((text) => program.includes(text)));
}

async function worker() {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { program, variant, command } = next;
    const directory = join(out, `${program.replace('/', '-')}-${variant}`);
    mkdirSync(directory);
    const startMs = Date.now();
    const [name, ...args] = command();
    const env = {
      ...process.env,
      NODE_OPTIONS: `--require ${preload}`,
      TRUTH_DIRECTORY: directory,
      TRUTH_START_MS: String(startMs),
    };
    const child = spawn(name, args, { cwd: programs, env, stdio: ['ignore', 'ignore', 2] });
    const status = await new Promise((done) => child.on('close', done));
    const isolates = readdirSync(directory)
      .map((file) => slope(readFileSync(join(directory, file), 'utf8')))
      .filter((isolate) => isolate !== null);
    const worst = isolates.reduce((a, b) => (a === null || b.kbPerSecond > a.kbPerSecond ? b : a), null);
    const seconds = Math.round((Date.now() - startMs) / 1000);
    results.push({ program, variant, ...(worst ?? { kbPerSecond: null, points: 0 }), seconds, status });
    console.error(
      `${program} ${variant}: ${worst?.kbPerSecond.toFixed(1) ?? 'no'} KB/s, ${seconds} s, status ${status}`,
    );
  }
}

/** Least squares. Fewer than five looks: null. */
function slope(text) {
  const points = text
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number))
    .filter(([tMs]) => tMs >= FROM_MS);
  if (points.length < 5) return null;
  const mean = (i) => points.reduce((sum, point) => sum + point[i] / points.length, 0);
  const [t, v] = [mean(0), mean(1)];
  const tv = points.reduce((sum, point) => sum + (point[0] - t) * (point[1] - v), 0);
  const tt = points.reduce((sum, point) => sum + (point[0] - t) ** 2, 0);
  return { kbPerSecond: tv / tt, from: points[0][1] / 1e6, to: points.at(-1)[1] / 1e6, points: points.length };
}
