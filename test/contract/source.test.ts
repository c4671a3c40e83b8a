import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProcessKey, ProcessSample, Source, Sweep } from '../../src/model/index.ts';
import { createLinuxSource, createPortableSource, openSource, systemClock } from '../../src/sources/index.ts';
import { type Worker, endChild, eventually, startWorker } from '../support/processes/worker.ts';

/** Every source keeps these promises, on real processes. */
const SOURCES: readonly (readonly [string, boolean, () => Source])[] = [
  ['linux', process.platform === 'linux', () => createLinuxSource({ clock: systemClock })],
  [
    'linux without kept descriptors',
    process.platform === 'linux',
    () => createLinuxSource({ clock: systemClock, maxDescriptors: 0 }),
  ],
  ['portable', true, () => createPortableSource({ clock: systemClock })],
];

const MIB = 2 ** 20;
const complete = { complete: true } as const;
const rowOf = (sweep: Sweep, pid: number): ProcessSample | undefined =>
  [...sweep.processes.values()].find((row) => row.pid === pid);

/** Fields that are null without a reason, or have a reason without being null. */
function unexplained<T extends { readonly unknown: Readonly<Record<string, string>> }>(
  value: T,
  names: readonly (keyof T & string)[],
): string[] {
  return names.filter((name) => (value[name] === null) !== (value.unknown[name] !== undefined));
}

describe.each(SOURCES)('source: %s', (_name, runsHere, create) => {
  let source: Source;
  let worker: Worker;
  beforeAll(async () => {
    if (!runsHere) return;
    source = create();
    worker = await startWorker({
      argv: ['--api-key', 'sk-verysecretvalue1', 'plain\u001b[31m\nargument'],
      env: { CLAUDE_CODE_SESSION_ID: 'session-1', ANTHROPIC_API_KEY: 'sk-ant-hidden-secret' },
    });
  }, 60_000);
  afterAll(async () => {
    await worker?.end();
    await source?.close();
  }, 60_000);

  it.runIf(runsHere)('lists all processes on the first sweep as started, with keys that say who they are', async () => {
    const sweep = await source.sample();
    expect(sweep.processes.size).toBeGreaterThan(1);
    expect(new Set(sweep.started)).toEqual(new Set(sweep.processes.keys()));
    expect(sweep.exited).toEqual([]);
    for (const [key, row] of sweep.processes) {
      expect(key).toBe(`${row.pid}:${row.startTime}`);
      expect(row.key).toBe(key);
      expect(row.pid).toBeGreaterThan(0);
      expect(Number.isSafeInteger(row.startTime)).toBe(true);
      expect(row.rssBytes).toBeGreaterThanOrEqual(0);
      expect(row.cpuMs).toBeGreaterThanOrEqual(0);
    }
    const own = rowOf(sweep, process.pid);
    expect(own?.ppid).toBe(process.ppid);
    expect(own?.rssBytes).toBeGreaterThan(10 * MIB);
    expect(own?.cpuMs).toBeGreaterThan(0);
    expect(own?.cpuAtMs).toBeLessThanOrEqual(systemClock.nowMs());
    expect(own?.cpuAtMs).toBeGreaterThan(systemClock.nowMs() - 60_000);
  });

  it.runIf(runsHere)('tells the host, and why what it does not tell is not known', async () => {
    const { host } = await source.sample();
    expect(host.memoryTotalBytes).toBeGreaterThan(100 * MIB);
    expect(host.memoryAvailableBytes).toBeGreaterThan(0);
    expect(host.memoryAvailableBytes).toBeLessThanOrEqual(host.memoryTotalBytes);
    expect(host.swapFreeBytes).toBeLessThanOrEqual(host.swapTotalBytes);
    expect(host.cpuCount).toBeGreaterThan(0);
    expect(unexplained(host, ['pressure', 'cgroup'])).toEqual([]);
  });

  it.runIf(runsHere)('sees a process grow, and keeps its key and its row object', async () => {
    const before = await eventually('the worker', async () => rowOf(await source.sample(complete), worker.pid));
    const { key, rssBytes } = before;
    await worker.grow(80 * MIB);
    const after = await eventually('the growth', async () => {
      const row = rowOf(await source.sample(complete), worker.pid);
      return row !== undefined && row.rssBytes > rssBytes + 70 * MIB && row;
    });
    expect(after).toBe(before);
    expect(after.key).toBe(key);
    expect(after.rssBytes).toBeLessThan(rssBytes + 120 * MIB);
    expect(after.changedAtMs).toBeGreaterThan(0);
    expect(after.changedAtMs).toBeLessThanOrEqual(after.sampledAtMs);
  });

  it.runIf(runsHere)('reports a start and an exit once, and no longer lists what exited', async () => {
    const child = await startWorker();
    const started: ProcessKey[] = [];
    const exited: ProcessKey[] = [];
    const look = async (): Promise<Sweep> => {
      const sweep = await source.sample(complete);
      started.push(...sweep.started);
      exited.push(...sweep.exited);
      return sweep;
    };
    const { key, startTime } = await eventually('the child', async () => rowOf(await look(), child.pid));
    await child.end();
    const sweep = await eventually('the exit', async () => {
      const next = await look();
      return exited.includes(key) && next;
    });
    expect(sweep.processes.has(key)).toBe(false);
    expect(started.filter((other) => other === key)).toHaveLength(1);
    expect(exited.filter((other) => other === key)).toHaveLength(1);
    const gone = { pid: child.pid, startTime };
    expect(await source.facts(gone)).toBeNull();
    expect(await source.footprint(gone)).toBeNull();
    expect((await source.lifeSigns([gone])).size).toBe(0);
  });

  it.runIf(runsHere)('knows a zombie by its state and counts no memory for it', async () => {
    // The shell leaves a dead child to `sleep`, which never waits for it.
    const parent = spawn('sh', ['-c', 'true & exec sleep 60'], { stdio: 'ignore' });
    try {
      const zombie = await eventually('the zombie', async () => {
        const { processes } = await source.sample(complete);
        return [...processes.values()].find((row) => row.ppid === parent.pid && row.state === 'zombie');
      });
      expect(zombie.rssBytes).toBe(0);
    } finally {
      await endChild(parent);
    }
  });

  it.runIf(runsHere)('tells facts without secrets, control characters or other environment', async () => {
    const row = await eventually('the worker', async () => rowOf(await source.sample(complete), worker.pid));
    const facts = await source.facts(row);
    if (facts === null) throw new Error('the worker lives, so it has facts');
    const text = JSON.stringify(facts);
    expect(text).not.toContain('verysecret');
    expect(text).not.toContain('sk-ant');
    expect(text).not.toMatch(/\\u001b|\\n/);
    expect(text).not.toContain('ANTHROPIC');
    expect(facts.argv.join(' ')).toContain('--max-old-space-size=64');
    expect(facts.runtime).toBe('node');
    expect(facts.startedAtMs).toBeGreaterThan(systemClock.nowMs() - 600_000);
    expect(facts.startedAtMs).toBeLessThan(systemClock.nowMs() + 2_000);
    expect(unexplained(facts, ['exe', 'cwd', 'uid', 'cgroup', 'startedAtMs'])).toEqual([]);
  });

  it.runIf(runsHere)('gives life signs with a reason for each that is not known', async () => {
    const row = await eventually('the worker', async () => rowOf(await source.sample(complete), worker.pid));
    const signs = (await source.lifeSigns([row])).get(row.key);
    if (signs === undefined) throw new Error('the worker lives, so it has signs');
    expect(unexplained(signs, ['stdinPeer', 'readBytes', 'openFiles'])).toEqual([]);
    expect(signs.stdinPeer).toBe(source.name === 'portable' ? null : 'alive');
  });

  it.runIf(runsHere)('gives a footprint that adds up, or none', async () => {
    const row = await eventually('the worker', async () => rowOf(await source.sample(complete), worker.pid));
    const footprint = await source.footprint(row);
    expect(footprint === null).toBe(source.name === 'portable');
    expect(row.footprint).toEqual(footprint);
    const { ussBytes, pssBytes, rssBytes } = footprint ?? { ussBytes: 1, pssBytes: 1, rssBytes: 1 };
    expect(ussBytes).toBeGreaterThan(0);
    expect(pssBytes).toBeGreaterThanOrEqual(ussBytes);
    expect(rssBytes).toBeGreaterThanOrEqual(pssBytes);
  });

  it.runIf(runsHere)('answers nothing for processes that never were', async () => {
    const never = { pid: 2 ** 22 + 1, startTime: 1 };
    const impostor = { pid: process.pid, startTime: 1 };
    for (const id of [never, impostor]) {
      expect(await source.facts(id)).toBeNull();
      expect(await source.footprint(id)).toBeNull();
      expect((await source.lifeSigns([id])).size).toBe(0);
    }
    expect(await source.lifeSigns([])).toEqual(new Map());
    expect(await source.cgroupMemory('/../../etc')).toBeNull();
  });

  it.runIf(runsHere)('says what it can and cannot see, with a fix or none', async () => {
    const capabilities = await source.capabilities();
    expect(capabilities.length).toBeGreaterThan(3);
    expect(new Set(capabilities.map(({ name }) => name)).size).toBe(capabilities.length);
    for (const { detail } of capabilities) expect(detail).not.toBe('');
    expect(capabilities.find(({ name }) => name === 'processes')?.works).toBe(true);
  });

  it.runIf(runsHere)('is complete for two callers at once, and closes', async () => {
    const other = create();
    const sweeps = await Promise.all([other.sample(complete), other.sample(complete)]);
    for (const sweep of sweeps) expect(rowOf(sweep, process.pid)).toBeDefined();
    expect(sweeps[0]?.started.length).toBeGreaterThan(0);
    await other.close();
    await other.close();
  });
});

describe('openSource', () => {
  it.each([
    ['linux', 'linux'],
    ['darwin', 'portable'],
    ['win32', 'portable'],
    ['freebsd', 'portable'],
  ] as const)('on %s is %s', async (platform, name) => {
    const source = openSource({ clock: systemClock, platform });
    expect(source.name).toBe(name);
    await source.close();
  });
});
