// 1000 series over a day: bytes a sample on disk, cost of append and query, RAM. Peers: JSONL + gzip, raw 8-byte floats
// and node:sqlite (where this Node has it), all on the same hour in the same run.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { constants, createGzip } from 'node:zlib';
import { createFileStore, type History, openHistory } from '../src/history/index.ts';
import type { Clock } from '../src/model/index.ts';
import { createSwarm, type Tick } from './history/swarm.ts';

const LIMIT_BYTES_A_SAMPLE = 1;
const DAY_SECONDS = Number(process.env['RAMPART_BENCH_SECONDS'] ?? 86_400);
const T0 = Date.UTC(2026, 0, 5);
const SEED = 7;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const directory = mkdtempSync(join(tmpdir(), 'rampart-bench-history-'));

interface Run {
  samples: number;
  appendMs: number;
  flushMs: number;
  slowestFlushMs: number;
}

function bytesIn(path: string, prefix = ''): number {
  return readdirSync(path)
    .filter((name) => name.startsWith(prefix))
    .reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
}

function append(history: History, tick: Tick): number {
  const { atMs } = tick;
  for (let index = 0; index < tick.count; index += 1) {
    const { subject } = tick.models[index] as { subject: string };
    history.append(subject, 'rssBytes', atMs, tick.rssBytes[index] as number);
    history.append(subject, 'anonBytes', atMs, tick.anonBytes[index] as number);
    history.append(subject, 'cpuMs', atMs, tick.cpuMs[index] as number);
  }
  history.append('host', 'memoryAvailableBytes', atMs, tick.hostBytes);
  return tick.count * 3 + 1;
}

function heapMiB(): number {
  collect();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return (heapUsed + Math.max(external, arrayBuffers)) / 2 ** 20;
}

/** A day in, then a look at disk and RAM. */
async function ours(): Promise<
  Run & { history: History; nowMs: number; hourRamMiB: number; hourBytes: number; hourSamples: number }
> {
  let nowMs = T0;
  const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs - T0 };
  const swarm = createSwarm(T0, SEED);
  const before = heapMiB();
  const history = await openHistory({ store: createFileStore(directory), clock, flushIntervalMs: 0 });
  const run: Run = { samples: 0, appendMs: 0, flushMs: 0, slowestFlushMs: 0 };
  let [hourRamMiB, hourBytes, hourSamples] = [0, 0, 0];
  for (let second = 0; second < DAY_SECONDS; second += 1) {
    const tick = swarm.tick();
    nowMs = tick.atMs;
    const startedMs = performance.now();
    run.samples += append(history, tick);
    run.appendMs += performance.now() - startedMs;
    if (second % 60 !== 59) continue;
    const flushedMs = performance.now();
    await history.flush();
    const tookMs = performance.now() - flushedMs;
    run.flushMs += tookMs;
    run.slowestFlushMs = Math.max(run.slowestFlushMs, tookMs);
    if (second === 3599) [hourRamMiB, hourBytes, hourSamples] = [heapMiB() - before, bytesIn(directory), run.samples];
  }
  await history.flush();
  return { ...run, history, nowMs, hourRamMiB, hourBytes, hourSamples };
}

/** The same first hour, line by line, in one gzip stream that is flushed every minute as ours is. */
async function jsonLines(): Promise<{ bytes: number; samples: number; ms: number }> {
  const gzip = createGzip();
  let bytes = 0;
  gzip.on('data', (chunk: Buffer) => (bytes += chunk.length));
  const swarm = createSwarm(T0, SEED);
  let [samples, ms] = [0, 0];
  for (let minute = 0; minute < 60; minute += 1) {
    const lines: string[] = [];
    for (let second = 0; second < 60; second += 1) {
      const tick = swarm.tick();
      const startedMs = performance.now();
      const line = (s: string, m: string, v: number): number => lines.push(JSON.stringify({ t: tick.atMs, s, m, v }));
      for (let index = 0; index < tick.count; index += 1) {
        const { subject } = tick.models[index] as { subject: string };
        line(subject, 'rssBytes', tick.rssBytes[index] as number);
        line(subject, 'anonBytes', tick.anonBytes[index] as number);
        line(subject, 'cpuMs', tick.cpuMs[index] as number);
      }
      line('host', 'memoryAvailableBytes', tick.hostBytes);
      samples += tick.count * 3 + 1;
      ms += performance.now() - startedMs;
    }
    const startedMs = performance.now();
    gzip.write(`${lines.join('\n')}\n`);
    await new Promise<void>((resolve) => gzip.flush(constants.Z_SYNC_FLUSH, resolve));
    ms += performance.now() - startedMs;
  }
  await new Promise<void>((resolve) => gzip.end(resolve));
  return { bytes, samples, ms };
}

/** Clustered by series and time, one transaction a minute, as one would do it. */
async function sqlite(): Promise<{ bytes: number; samples: number; ms: number } | string> {
  const { DatabaseSync } = (await import('node:sqlite' as string).catch(() => ({}))) as {
    DatabaseSync?: new (path: string) => {
      exec(sql: string): void;
      prepare(sql: string): { run(...values: (string | number)[]): void };
      close(): void;
    };
  };
  if (DatabaseSync === undefined) return `node:sqlite is not in Node ${process.versions.node}`;
  const path = mkdtempSync(join(tmpdir(), 'rampart-bench-sqlite-'));
  const database = new DatabaseSync(join(path, 'history.db'));
  database.exec('CREATE TABLE samples (series INTEGER, t INTEGER, v REAL, PRIMARY KEY (series, t)) WITHOUT ROWID');
  const insert = database.prepare('INSERT OR REPLACE INTO samples VALUES (?, ?, ?)');
  const ids = new Map<string, number>();
  const swarm = createSwarm(T0, SEED);
  let [samples, ms] = [0, 0];
  for (let minute = 0; minute < 60; minute += 1) {
    const rows: [number, number, number][] = [];
    for (let second = 0; second < 60; second += 1) {
      const tick = swarm.tick();
      const row = (name: string, v: number): void => {
        const id = ids.get(name) ?? ids.size;
        ids.set(name, id);
        rows.push([id, tick.atMs, v]);
      };
      for (let index = 0; index < tick.count; index += 1) {
        const { subject } = tick.models[index] as { subject: string };
        row(`${subject} rss`, tick.rssBytes[index] as number);
        row(`${subject} anon`, tick.anonBytes[index] as number);
        row(`${subject} cpu`, tick.cpuMs[index] as number);
      }
      row('host', tick.hostBytes);
    }
    const startedMs = performance.now();
    database.exec('BEGIN');
    for (const row of rows) insert.run(...row);
    database.exec('COMMIT');
    ms += performance.now() - startedMs;
    samples += rows.length;
  }
  database.close();
  const bytes = bytesIn(path);
  rmSync(path, { recursive: true, force: true });
  return { bytes, samples, ms };
}

async function queryMs(
  history: History,
  nowMs: number,
  windowMs: number,
): Promise<{ median: number; slowest: number }> {
  const { models } = createSwarm(T0, SEED);
  const times: number[] = [];
  for (let index = 0; index < 40; index += 1) {
    const { subject } = models[(index * 37) % models.length] as { subject: string };
    const startedMs = performance.now();
    const { buckets } = await history.query({
      subject,
      metric: 'rssBytes',
      fromMs: nowMs - windowMs,
      toMs: nowMs,
      maxPoints: 300,
    });
    times.push(performance.now() - startedMs);
    const covered = Math.min(1, (DAY_SECONDS * 1000) / windowMs);
    if (buckets.length < 100 * covered) throw new Error(`${subject}: only ${buckets.length} buckets`);
  }
  times.sort((a, b) => a - b);
  return { median: times[20] as number, slowest: times[39] as number };
}

try {
  const run = await ours();
  const { history, nowMs } = run;
  const disk = history.stats();
  const bytesASample = disk.bytes / run.samples;
  const row = (name: string, value: string): void => console.log(`${name.padEnd(48)}${value}`);
  row('samples of 1000 series, simulated', `${run.samples.toLocaleString('en')} in ${DAY_SECONDS / 3600} h`);
  row('on disk, all files', `${(disk.bytes / 1e6).toFixed(2)} MB in ${disk.files} files`);
  row('  single samples (raw tables)', `${(bytesIn(directory, 'raw') / 1e6).toFixed(2)} MB`);
  row('  minutes (min tables)', `${(bytesIn(directory, 'min') / 1e6).toFixed(2)} MB`);
  row('bytes a sample, all in', `${bytesASample.toFixed(3)} (limit ${LIMIT_BYTES_A_SAMPLE})`);
  row('  after the first hour, before any rewrite', (run.hourBytes / run.hourSamples).toFixed(3));
  row('append', `${((run.appendMs * 1e6) / run.samples).toFixed(0)} ns a sample`);
  row(
    'flush, with rewrites',
    `${(run.flushMs / (DAY_SECONDS / 60)).toFixed(2)} ms a minute, slowest ${run.slowestFlushMs.toFixed(0)} ms`,
  );
  row(
    'RAM after an hour, rings and blocks',
    `${run.hourRamMiB.toFixed(2)} MiB heap, of it ${(disk.ramBytes / 2 ** 20).toFixed(2)} MiB in arrays at the end`,
  );
  for (const hours of [1, 24]) {
    const { median, slowest } = await queryMs(history, nowMs, hours * 3_600_000);
    row(
      `query ${hours} h of one series, 300 points`,
      `${median.toFixed(2)} ms median, ${slowest.toFixed(2)} ms slowest`,
    );
  }
  await history.close();

  const lines = await jsonLines();
  const table = await sqlite();
  const oursNs = ((run.appendMs + run.flushMs) * 1e6) / run.samples;
  const peer = (name: string, bytes: number, ns: number | null): void =>
    row(
      name,
      `${bytes.toFixed(2)} B a sample, ${(bytes / bytesASample).toFixed(1)}× ours${ns === null ? '' : `; ${ns.toFixed(0)} ns a sample to write, ${(ns / oursNs).toFixed(1)}× ours`}`,
    );
  console.log('peers:');
  peer('  raw: time, series, value as 8 + 4 + 8 bytes', 20, null);
  peer('  JSONL + gzip, one stream', lines.bytes / lines.samples, (lines.ms * 1e6) / lines.samples);
  if (typeof table === 'string') row('  sqlite', table);
  else peer('  sqlite, clustered by (series, t)', table.bytes / table.samples, (table.ms * 1e6) / table.samples);
  if (bytesASample > LIMIT_BYTES_A_SAMPLE) {
    console.error(`missed: ${bytesASample.toFixed(3)} bytes a sample, the limit is ${LIMIT_BYTES_A_SAMPLE}`);
    process.exitCode = 1;
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
