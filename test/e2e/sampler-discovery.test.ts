import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { createLinuxSource, systemClock } from '../../src/sources/index.ts';
import { startFarm } from '../support/processes/farm.ts';
import { endChild, eventually } from '../support/processes/worker.ts';

const hasCompiler = (() => {
  try {
    execFileSync('cc', ['--version'], { stdio: 'ignore' });
    return process.platform === 'linux';
  } catch {
    return false;
  }
})();

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).toReversed()) await step();
});

describe.runIf(hasCompiler)('discovery by the last pid', () => {
  it.each([[3], [300]])('finds %i new processes at the next ordinary sweep', async (count) => {
    const source = createLinuxSource({ clock: systemClock });
    cleanUp.push(() => source.close());
    await source.sample();
    await source.sample();
    const farm = await startFarm(count);
    cleanUp.push(() => farm.end());
    const pids = new Set(farm.pids);
    const { started } = await source.sample();
    expect(started.filter((key) => pids.has(Number(key.split(':')[0])))).toHaveLength(count);
  });

  it('takes no thread for a process', async () => {
    const source = createLinuxSource({ clock: systemClock });
    cleanUp.push(() => source.close());
    await source.sample();
    // A Node process has ten threads or so, whose numbers are pids to the kernel.
    const child: ChildProcess = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    cleanUp.push(() => endChild(child));
    const row = await eventually('the child with its threads', async () => {
      const { processes } = await source.sample({ complete: true });
      const seen = [...processes.values()].find(({ pid }) => pid === child.pid);
      return (seen?.threads ?? 0) > 5 && seen;
    });
    await source.sample();
    const { processes } = await source.sample();
    const near = [...processes.values()].filter(({ pid }) => pid > row.pid && pid <= row.pid + (row.threads ?? 0));
    expect(near.filter(({ startTime }) => Math.abs(startTime - row.startTime) <= 1 && near.length > 5)).toEqual([]);
    expect(row.threads).toBeGreaterThan(5);
  });

  it('keeps up with processes that come and go', async () => {
    const source = createLinuxSource({ clock: systemClock });
    cleanUp.push(() => source.close());
    const alive = new Set<string>();
    for (let round = 0; round < 8; round += 1) {
      const farm = await startFarm(20);
      const sweep = await source.sample();
      for (const key of sweep.started) alive.add(key);
      for (const key of sweep.exited) alive.delete(key);
      expect(new Set(sweep.processes.keys())).toEqual(alive);
      await farm.end();
    }
    const last = await source.sample({ complete: true });
    for (const key of last.started) alive.add(key);
    for (const key of last.exited) alive.delete(key);
    expect(new Set(last.processes.keys())).toEqual(alive);
  });
});
