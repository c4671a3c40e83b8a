import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { Source, Sweep } from '../../../src/model/index.ts';
import { createLinuxSource } from '../../../src/sources/linux/index.ts';
import { PF_KTHREAD } from '../../../src/sources/linux/parse-stat.ts';
import { fakeClock } from '../../support/processes/clock.ts';
import { type FakeProc, createFakeProc, rollup, statLine } from '../../support/processes/fake-proc.ts';

const PAGE = 4096;
const PSI = (totalUs: number): string =>
  `some avg10=0.00 avg60=0.00 avg300=0.00 total=${totalUs}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n`;
const open: { readonly close: () => Promise<void>; readonly dispose: () => void }[] = [];

function setUp(maxDescriptors = 0, pssBudgetMsPerSecond = 0) {
  const proc = createFakeProc();
  const clock = fakeClock();
  const create = (): Source =>
    createLinuxSource({
      clock,
      procRoot: proc.root,
      cgroupRoot: `${proc.root}/cg`,
      maxDescriptors,
      pssBudgetMsPerSecond,
    });
  const source = create();
  open.push({ close: () => source.close(), dispose: () => proc.dispose() });
  return { proc, clock, source };
}

afterEach(async () => {
  for (const { close, dispose } of open.splice(0)) {
    await close();
    dispose();
  }
});

const refreshedPids = (sweep: Sweep): number[] => sweep.refreshed.map((key) => Number(key.split(':')[0]));

describe('discovery', () => {
  it('leaves out kernel threads, and no others', async () => {
    const { proc, source } = setUp();
    proc.put({ pid: 1, ppid: 0 });
    // In a container pid 2 is an ordinary process.
    proc.put({ pid: 2, ppid: 1 });
    proc.put({ pid: 3, ppid: 2, flags: PF_KTHREAD | 64, residentPages: 0 });
    const { processes } = await source.sample();
    expect([...processes.keys()]).toEqual(['1:100', '2:100']);
  });

  it('leaves out what is torn or empty, and finds it when it is whole', async () => {
    const { proc, clock, source } = setUp();
    proc.put({ pid: 10 });
    proc.write('10/stat', '10 (x) S 1 1');
    proc.put({ pid: 11 });
    proc.write('11/statm', '');
    expect((await source.sample()).processes.size).toBe(0);
    proc.put({ pid: 10 });
    proc.put({ pid: 11 });
    clock.move(1000);
    expect((await source.sample()).processes.size).toBe(2);
  });

  it('never mixes two processes of one pid', async () => {
    const { proc, clock, source } = setUp();
    for (let round = 0; round < 100; round += 1) {
      proc.put({ pid: 50, startTime: 100 + round, comm: `gen-${round}`, residentPages: 1000 + round });
      const sweep = await source.sample();
      expect([...sweep.processes.keys()]).toEqual([`50:${100 + round}`]);
      expect(sweep.started).toEqual([`50:${100 + round}`]);
      expect(sweep.exited).toEqual(round === 0 ? [] : [`50:${99 + round}`]);
      expect(sweep.processes.get(`50:${100 + round}`)?.rssBytes).toBe((1000 + round) * PAGE);
      expect(await source.facts({ pid: 50, startTime: 99 + round })).toBeNull();
      expect(await source.footprint({ pid: 50, startTime: 99 + round })).toBeNull();
      expect((await source.facts({ pid: 50, startTime: 100 + round }))?.comm).toBe(`gen-${round}`);
      clock.move(10_000);
    }
  });
});

describe('back-off', () => {
  it('looks at quiet processes less and less often, at changed ones at every tick', async () => {
    const { proc, clock, source } = setUp(100);
    proc.put({ pid: 8, residentPages: 1000 });
    proc.put({ pid: 16, residentPages: 1000 });
    await source.sample();
    const looks = new Map([
      [8, 0],
      [16, 0],
    ]);
    for (let tick = 1; tick <= 64; tick += 1) {
      clock.move(1000);
      proc.write('16/statm', `999999 ${Math.round(1000 * 1.03 ** tick)} 100 1 0 1 0\n`);
      for (const pid of refreshedPids(await source.sample())) looks.set(pid, (looks.get(pid) ?? 0) + 1);
    }
    expect(looks.get(16)).toBe(64);
    expect(looks.get(8)).toBeGreaterThanOrEqual(7);
    expect(looks.get(8)).toBeLessThanOrEqual(12);
  });

  it('looks at quiet ones among many half as often, spread over the ticks', async () => {
    const { proc, clock, source } = setUp(600);
    for (let pid = 1000; pid < 1501; pid += 1) proc.put({ pid });
    await source.sample();
    const perTick: number[] = [];
    for (let tick = 1; tick <= 64; tick += 1) {
      clock.move(1000);
      perTick.push((await source.sample()).refreshed.length);
    }
    // All are in the slowest tier by then: a sixteenth at each tick.
    const settled = perTick.slice(-16);
    expect(settled.reduce((sum, looks) => sum + looks, 0)).toBe(501);
    expect(Math.max(...settled)).toBeLessThanOrEqual(34);
    // 501 folders of a fake /proc: seconds on a busy disk.
  }, 30_000);

  it('sees slow creep add up to a change', async () => {
    const { proc, clock, source } = setUp(100);
    proc.put({ pid: 8, residentPages: 1000 });
    const first = await source.sample();
    const row = first.processes.get('8:100');
    const changedAtMs = row?.changedAtMs ?? 0;
    for (let tick = 1; tick <= 20; tick += 1) {
      clock.move(9000);
      proc.write('8/statm', `9000 ${1000 + tick} 100 1 0 1 0\n`);
      await source.sample();
    }
    expect(row?.changedAtMs).toBeGreaterThan(changedAtMs);
    expect(row?.rssBytes).toBe(1020 * PAGE);
  });

  it.each([
    [
      'available memory moves',
      (proc: FakeProc) => proc.write('meminfo', 'MemTotal: 1000000 kB\nMemAvailable: 480000 kB\n'),
    ],
    ['tasks stall on memory', (proc: FakeProc) => proc.write('pressure/memory', PSI(1_000_000))],
  ])('looks at all at once when %s', async (_what, cause) => {
    const { proc, clock, source } = setUp(100);
    proc.write('pressure/memory', PSI(0));
    const again = createLinuxSource({ clock, procRoot: proc.root, cgroupRoot: `${proc.root}/cg`, maxDescriptors: 100 });
    open.push({ close: () => again.close(), dispose: () => undefined });
    await source.sample();
    for (const pid of [8, 9, 10, 11]) proc.put({ pid });
    for (let tick = 0; tick < 12; tick += 1) {
      clock.move(1000);
      await again.sample();
    }
    // A moment after a round in which all were quiet, nobody is due.
    clock.move(10);
    await again.sample({ complete: true });
    clock.move(10);
    expect((await again.sample()).refreshed).toEqual([]);
    cause(proc);
    clock.move(10);
    expect(refreshedPids(await again.sample()).toSorted((a, b) => a - b)).toEqual([8, 9, 10, 11]);
    clock.move(10);
    expect((await again.sample()).refreshed).toEqual([]);
  });

  it('reads every process, and its stat, when the answer must be complete', async () => {
    const { proc, clock, source } = setUp(100);
    proc.put({ pid: 8, cpuTicks: 5 });
    const { processes } = await source.sample();
    proc.write('8/stat', statLine({ pid: 8, cpuTicks: 500 }));
    clock.move(1);
    await source.sample();
    expect(processes.get('8:100')?.cpuMs).toBe(50);
    await source.sample({ complete: true });
    expect(processes.get('8:100')?.cpuMs).toBe(5000);
  });

  it('notices soon that the parent of a quiet process is gone', async () => {
    const { proc, clock, source } = setUp(0);
    proc.put({ pid: 20, ppid: 1 });
    proc.put({ pid: 21, ppid: 20 });
    const { processes } = await source.sample();
    proc.remove(20);
    proc.put({ pid: 21, ppid: 1 });
    for (let tick = 0; tick < 10; tick += 1) {
      clock.move(1000);
      await source.sample();
    }
    expect(processes.has('20:100')).toBe(false);
    expect(processes.get('21:100')?.ppid).toBe(1);
  });

  it('tells an exec by the stack and a rename by the name', async () => {
    const { proc, clock, source } = setUp(0);
    proc.put({ pid: 20, comm: 'sh', stackStart: 1000 });
    proc.put({ pid: 21, comm: 'node', stackStart: 1000 });
    proc.put({ pid: 22, comm: 'quiet', stackStart: 1000 });
    expect((await source.sample()).execed).toEqual([]);
    proc.put({ pid: 20, comm: 'sh', stackStart: 2000 });
    proc.put({ pid: 21, comm: 'MainThread', stackStart: 1000 });
    proc.put({ pid: 22, comm: 'quiet', stackStart: 0 });
    clock.move(1);
    expect((await source.sample({ complete: true })).execed).toEqual(['20:100', '21:100']);
  });
});

describe('footprints in the tick', () => {
  it('reads those that moved most, and none again that did not move', async () => {
    const { proc, clock, source } = setUp(100, 1);
    proc.put({ pid: 8, residentPages: 1000 });
    proc.put({ pid: 9, residentPages: 9000 });
    const { processes } = await source.sample();
    expect(processes.get('8:100')?.footprint?.rssBytes).toBe(4000 * 1024);
    expect(processes.get('9:100')?.footprint?.rssBytes).toBe(36000 * 1024);
    const first = processes.get('8:100')?.footprint;
    clock.move(9000);
    proc.write('9/statm', '99999 18000 100 1 0 1 0\n');
    proc.write('9/smaps_rollup', rollup(72000));
    await source.sample({ complete: true });
    expect(processes.get('9:100')?.footprint?.rssBytes).toBe(72000 * 1024);
    expect(processes.get('8:100')?.footprint).toBe(first);
  });

  it('reads all once soon after the start, in small parts, and afterwards keeps to its budget', async () => {
    const { proc, clock } = setUp();
    // Every look at this clock takes 5 ms: so does each reading. A tick may take 20 ms of them.
    const monotonicMs = (): number => {
      clock.move(5);
      return clock.monotonicMs();
    };
    const source = createLinuxSource({
      clock: { ...clock, monotonicMs },
      procRoot: proc.root,
      pssBudgetMsPerSecond: 1,
    });
    open.push({ close: () => source.close(), dispose: () => undefined });
    const readAfter = async (ticks: number): Promise<number[]> => {
      const counts: number[] = [];
      for (let tick = 0; tick < ticks; tick += 1) {
        clock.move(1000);
        const { processes } = await source.sample({ complete: true });
        counts.push([...processes.values()].filter(({ footprint }) => footprint !== null).length);
      }
      return counts;
    };
    for (let pid = 100; pid < 112; pid += 1) proc.put({ pid });
    expect(await readAfter(4)).toEqual([4, 8, 12, 12]);
    for (let pid = 200; pid < 212; pid += 1) proc.put({ pid });
    expect((await readAfter(6))[5]).toBeLessThan(12 + 9);
  });

  it('reads none without a budget', async () => {
    const { proc, source } = setUp(100, 0);
    proc.put({ pid: 8 });
    expect((await source.sample()).processes.get('8:100')?.footprint).toBeNull();
    expect((await source.footprint({ pid: 8, startTime: 100 }))?.pssBytes).toBe(2000 * 1024);
  });
});

describe('descriptors', () => {
  it('keeps no more than it may, returns all, and reads the rest by path', async () => {
    const { proc, clock, source } = setUp(5);
    for (let pid = 10; pid < 30; pid += 1) proc.put({ pid });
    const before = readdirSync('/proc/self/fd').length;
    const { processes } = await source.sample();
    expect(processes.size).toBe(20);
    expect(readdirSync('/proc/self/fd').length - before).toBe(5);
    clock.move(1000);
    expect((await source.sample({ complete: true })).refreshed).toHaveLength(20);
    await source.close();
    // The two of the host (meminfo; the fake tree has no pressure file) go as well.
    expect(readdirSync('/proc/self/fd').length).toBeLessThan(before + 1);
  });
});
