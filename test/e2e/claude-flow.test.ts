import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createClaudeFlowMetrics,
  createMemoryIntegration,
  MemoryIntegrationSchema,
} from '../../src/integrations/index.ts';
import { systemClock } from '../../src/sources/index.ts';
import { exitOf, firstLine, node } from '../support/integrations/child.ts';
import { sessionReport, statusReport } from '../support/integrations/report.ts';

let project = '';
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'rampart-flow-'));
  mkdirSync(join(project, '.claude-flow/metrics'), { recursive: true });
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

const fileOf = (root: string) => join(root, '.claude-flow/metrics/memory-integration.json');

describe('memory-integration.json', () => {
  it('is whole at every look, and after every kill -9 of its writer', async () => {
    let looks = 0;
    for (let kill = 0; kill < 8; kill += 1) {
      const writer = node({ program: 'test/support/integrations/integration-writer.ts' }, project);
      await firstLine(writer);
      const untilMs = performance.now() + 60 + kill * 23;
      while (performance.now() < untilMs) {
        MemoryIntegrationSchema.parse(JSON.parse(readFileSync(fileOf(project), 'utf8')));
        looks += 1;
        await new Promise((resolve) => setImmediate(resolve));
      }
      writer.kill('SIGKILL');
      expect(await exitOf(writer)).toBe('SIGKILL');
      MemoryIntegrationSchema.parse(JSON.parse(readFileSync(fileOf(project), 'utf8')));
    }
    expect(looks).toBeGreaterThan(100);
    // A killed writer may leave its temporary file; the next one an hour later takes it away.
    const later = { nowMs: () => Date.now() + 3_600_000, monotonicMs: () => 0 };
    await createMemoryIntegration({ project, version: '0.1.0', clock: later }).publish(statusReport());
    expect(readdirSync(join(project, '.claude-flow/metrics'))).toEqual(['memory-integration.json']);
  });

  const canMount = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;

  it.runIf(canMount)('keeps the old file on a disk that is really full, and on one that is read-only', () => {
    // In a mount namespace of its own, so that nothing of the machine is touched.
    const script = `
      set -e
      mount -t tmpfs -o size=64k none "$1"
      mkdir -p "$1/.claude-flow/metrics"
      exec ${process.execPath} --import tsx -e '${FULL_DISK.replaceAll("'", "'\\''")}' "$1"`;
    const run = spawnSync('unshare', ['-m', 'sh', '-c', script, 'sh', project], { encoding: 'utf8' });
    expect(run.stderr).toBe('');
    expect(JSON.parse(run.stdout)).toEqual([
      'written',
      'the disk is full; the old file is kept',
      'ok',
      ['filler', 'memory-integration.json'],
      'written',
      'critical',
      'the file system is read-only',
      'critical',
    ]);
  });
});

/** Prints outcome and severity on disk: at first, on a full disk, with space again, mounted read-only. */
const FULL_DISK = `
  import { execFileSync } from 'node:child_process';
  import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
  import { createMemoryIntegration } from './src/integrations/memory-integration.ts';
  import { sessionReport, statusReport } from './test/support/integrations/report.ts';
  const project = process.argv.at(-1);
  const metrics = project + '/.claude-flow/metrics';
  let ms = 0;
  const clock = { nowMs: () => Date.now(), monotonicMs: () => (ms += 5000) };
  const file = createMemoryIntegration({ project, version: '0.1.0', clock });
  const severity = () => JSON.parse(readFileSync(metrics + '/memory-integration.json', 'utf8')).severity;
  const outcome = ({ outcome, reason }) => reason ?? outcome;
  const out = [outcome(await file.publish(statusReport()))];
  try { for (;;) writeFileSync(metrics + '/filler', 'x'.repeat(4096), { flag: 'a' }); } catch {}
  out.push(outcome(await file.publish(statusReport({ severity: 'critical' }))), severity(), readdirSync(metrics).sort());
  rmSync(metrics + '/filler');
  out.push(outcome(await file.publish(statusReport({ severity: 'critical' }))), severity());
  execFileSync('mount', ['-o', 'remount,ro', project]);
  out.push(outcome(await file.publish(statusReport({ severity: 'ok' }))), severity());
  console.log(JSON.stringify(out));`;

describe("Claude-Flow's metrics", () => {
  it('are whole or the last good ones while two writers put them in place over each other', async () => {
    const path = join(project, '.claude-flow/metrics/system-metrics.json');
    const sample = (at: number) => ({
      timestamp: 1_795_000_000_000 + at,
      memoryTotal: 10,
      memoryUsed: 4,
      memoryFree: 6,
    });
    writeFileSync(path, JSON.stringify([sample(0)]));
    const metrics = createClaudeFlowMetrics({ project });
    expect(metrics.read().system.value?.samples).toHaveLength(1);
    const code = `
      const fs = require('node:fs');
      const list = Array.from({ length: 300 }, (_, at) => ({ timestamp: 1795000000000 + at * 1000 + Number(process.argv[2]), memoryTotal: 10, memoryUsed: 4, memoryFree: 6 }));
      process.stdout.write('writing\\n');
      for (let count = 1; ; count = count % 300 + 1) fs.writeFileSync(process.argv[1], JSON.stringify(list.slice(0, count), null, 2));`;
    const writers = ['0', '500'].map((offset) => node({ code }, path, offset));
    try {
      await Promise.all(writers.map(firstLine));
      let torn = 0;
      let whole = 0;
      const untilMs = performance.now() + 2000;
      while (performance.now() < untilMs) {
        const { value, problem } = metrics.read().system;
        // Never nothing, never a half sample.
        expect(value?.samples.length).toBeGreaterThan(0);
        expect(value?.dropped).toBe(0);
        if (problem === null) whole += 1;
        else torn += 1;
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(whole).toBeGreaterThan(0);
      // The writers truncate first, so torn looks do happen: else this test would show nothing.
      expect(torn).toBeGreaterThan(0);
    } finally {
      for (const writer of writers) writer.kill('SIGKILL');
      await Promise.all(writers.map(exitOf));
    }
  });

  it('are never written: a whole project stays as it was while Rampart reads and writes beside it', async () => {
    execFileSync('cp', ['-r', 'test/fixtures/claude-flow/2.7/.claude-flow', project]);
    const picture = (): string =>
      execFileSync(
        'find',
        ['.claude-flow', '-type', 'f', '!', '-name', 'memory-integration.json', '-exec', 'sha256sum', '{}', '+'],
        { cwd: project, encoding: 'utf8' },
      );
    const before = picture();
    createClaudeFlowMetrics({ project }).read();
    const file = createMemoryIntegration({ project, version: '0.1.0', clock: systemClock });
    expect(await file.publish(statusReport({ sessions: [sessionReport({ cwd: project })] }))).toEqual({
      outcome: 'written',
    });
    await file.close();
    expect(picture()).toBe(before);
  });
});
