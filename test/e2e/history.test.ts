import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'tsdown';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createFileStore, openHistory } from '../../src/history/index.ts';

const T0 = 1_700_000_000_000;
const LOOK_MS = 10_000;
const LOOKS = 6;
const SUBJECTS = 40;
const KILLS = 100;

let root: string;
let program: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'rampart-history-'));
  // One plain file: a hundred children that each compile TypeScript first would take minutes.
  await build({
    config: false,
    entry: { writer: 'test/support/history/writer.ts' },
    outDir: join(root, 'program'),
    format: 'esm',
    platform: 'node',
    dts: false,
    logLevel: 'silent',
    outExtensions: () => ({ js: '.mjs' }),
  });
  program = join(root, 'program', 'writer.mjs');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Starts a writer, kills it a little after its first flush, and returns the last minute that it called written. */
async function writeUntilKilled(directory: string, fromMinute: number, patienceMs: number): Promise<number> {
  const child = spawn(process.execPath, [program, directory, String(fromMinute), String(SUBJECTS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  await once(child.stdout, 'data');
  await new Promise((resolve) => setTimeout(resolve, patienceMs));
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(said).not.toContain('failed');
  // The last line may be cut off.
  const minutes = said.split('\n').slice(0, -1).map(Number);
  return minutes.at(-1) ?? fromMinute;
}

it(`loses at most what was not flushed, ${KILLS} kills in a row on one history`, async () => {
  const directory = join(root, 'history');
  const gaps: { fromMinute: number; acknowledged: number }[] = [];
  let minute = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const acknowledged = await writeUntilKilled(directory, minute, (kill * 7) % 40);
    expect(acknowledged).toBeGreaterThan(minute);
    gaps.push({ fromMinute: minute, acknowledged });
    // The next one begins where no minute of this one can reach, so that each sample has its own place.
    minute = acknowledged + 1000;
  }
  const clock = { nowMs: () => T0 + minute * 60_000, monotonicMs: () => 0 };
  const retention = { maxAgeMs: Infinity, rawMaxAgeMs: Infinity, maxBytes: Infinity };
  const history = await openHistory({ store: createFileStore(directory), clock, retention, flushIntervalMs: 0 });
  // By subject and run: how many, and whether they are 0, 1, 2, … without a hole and without a double.
  const counts = new Map<string, number>();
  let wrong = 0;
  await history.scan({ fromMs: 0, toMs: Infinity, metric: 'rssBytes' }, (subject, _metric, samples) => {
    for (let index = 0; index < samples.count; index += 1) {
      const number = ((samples.times[index] as number) - T0) / LOOK_MS;
      const run = gaps.findLastIndex(({ fromMinute }) => number >= fromMinute * LOOKS);
      const key = `${subject} ${run}`;
      const expected = (gaps[run]?.fromMinute ?? 0) * LOOKS + (counts.get(key) ?? 0);
      if (number !== expected || samples.values[index] !== number * 4096) wrong += 1;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  });
  expect(wrong).toBe(0);
  gaps.forEach(({ fromMinute, acknowledged }, run) => {
    for (let index = 0; index < SUBJECTS; index += 1) {
      const count = counts.get(`${index}:1 ${run}`) ?? 0;
      expect(count, `run ${run}`).toBeGreaterThanOrEqual((acknowledged - fromMinute) * LOOKS);
      expect(count % LOOKS, `run ${run}: a minute is whole or absent`).toBe(0);
    }
  });
  const { corruptRecords, lastFlushError, bytes } = history.stats();
  expect(corruptRecords).toBe(0);
  expect(lastFlushError).toBeNull();
  const onDisk = readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
  expect(bytes).toBe(onDisk);
  await history.close();
  const written = gaps.reduce((sum, { fromMinute, acknowledged }) => sum + acknowledged - fromMinute, 0);
  expect(written).toBeGreaterThan(KILLS);
}, 300_000);
