import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Capability, Source } from '../../../src/model/index.ts';
import { createLinuxSource } from '../../../src/sources/linux/index.ts';
import { fakeClock } from '../../support/processes/clock.ts';
import { type FakeProc, createFakeProc, rollup } from '../../support/processes/fake-proc.ts';

let proc: FakeProc;
let source: Source | null = null;
beforeEach(() => {
  proc = createFakeProc();
});
afterEach(async () => {
  await source?.close();
  proc.dispose();
});

async function capability(name: string, maxDescriptors = 100): Promise<Capability> {
  source = createLinuxSource({
    clock: fakeClock(),
    procRoot: proc.root,
    cgroupRoot: `${proc.root}/cg`,
    maxDescriptors,
  });
  await source.sample();
  const found = (await source.capabilities()).find((each) => each.name === name);
  if (found === undefined) throw new Error(`no capability named ${name}`);
  return found;
}

describe('what can be seen', () => {
  it.each([
    ['processes', 'self/statm', '1 1 1 1 0 1 0\n'],
    ['pressure', 'pressure/memory', 'some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n'],
    ['dead-clients', 'net/unix', 'Num       RefCount Protocol Flags    Type St Inode Path\n'],
    ['pss', 'self/smaps_rollup', rollup(1)],
    ['cgroup', 'cg/cgroup.controllers', 'memory\n'],
  ])('%s works where %s is there, and has a fix where it is not', async (name, path, content) => {
    proc.write(path, content);
    expect(await capability(name)).toMatchObject({ works: true, fix: null });
    await source?.close();
    proc.dispose();
    proc = createFakeProc();
    proc.write('self/smaps_rollup', '');
    const without = await capability(name);
    expect(without.works).toBe(false);
    expect(without.fix).toBeTypeOf('string');
  });

  it('says that other users are hidden when init does not show', async () => {
    expect((await capability('other-users')).detail).toContain('hidepid=2');
  });

  it('says how many processes are over the kept descriptors', async () => {
    for (let pid = 1; pid <= 5; pid += 1) proc.put({ pid, exe: '/sbin/init' });
    const over = await capability('descriptors', 2);
    expect(over).toMatchObject({ works: false });
    expect(over.detail).toMatch(/^3 processes/);
    expect((await capability('other-users')).works).toBe(true);
  });

  it('counts swap devices', async () => {
    proc.write('swaps', 'Filename Type Size Used Priority\n/dev/zram0 partition 1 0 5\n');
    expect((await capability('swap')).detail).toContain('1 swap device:');
  });
});
