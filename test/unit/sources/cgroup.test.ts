import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findCgroupMount, parseCgroupPath, tightestCgroup } from '../../../src/sources/linux/cgroup.ts';
import { createLinuxSource } from '../../../src/sources/linux/index.ts';
import { createProcIo } from '../../../src/sources/linux/proc-io.ts';
import { fakeClock } from '../../support/processes/clock.ts';
import { createFakeProc } from '../../support/processes/fake-proc.ts';

const MIB = 2 ** 20;
const NO_LIMIT_V1 = '9223372036854771712\n';
let root = '';
const write = (path: string, content: string | number): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), typeof content === 'number' ? `${content}\n` : content);
};
const v2 = (path: string, files: Readonly<Record<string, string | number>>): void => {
  for (const [name, content] of Object.entries(files)) write(`${path}/memory.${name}`, content);
};
const tightest = (path: string) => {
  const mount = findCgroupMount(root);
  return mount === null ? null : tightestCgroup(createProcIo(), mount, path);
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rampart-cgroup-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('cgroup v2', () => {
  beforeEach(() => {
    write('cgroup.controllers', 'memory pids\n');
    v2('user.slice', {
      max: 1000 * MIB,
      high: 'max\n',
      current: 900 * MIB,
      stat: `anon 5\ninactive_file ${50 * MIB}\n`,
      events: 'low 0\noom_kill 3\n',
      'swap.max': 0,
    });
    v2('user.slice/agent', { max: 'max\n', high: 400 * MIB, current: 120 * MIB, stat: `inactive_file ${20 * MIB}\n` });
    v2('user.slice/agent/free', { max: 'max\n', high: 'max\n', current: 1, stat: 'inactive_file 0\n' });
  });

  it('finds the cgroup that leaves the least room, not the nearest one', () => {
    expect(tightest('/user.slice/agent/free')).toEqual({
      path: '/user.slice',
      version: 2,
      limitBytes: 1000 * MIB,
      highBytes: null,
      swapLimitBytes: 0,
      workingSetBytes: 850 * MIB,
      oomKills: 3,
    });
  });

  it('counts memory.high as a limit of its own', () => {
    v2('user.slice', { current: 100 * MIB });
    expect(tightest('/user.slice/agent')).toMatchObject({
      path: '/user.slice/agent',
      limitBytes: null,
      highBytes: 400 * MIB,
      workingSetBytes: 100 * MIB,
      oomKills: null,
    });
  });

  it('is null where nothing is limited, visible, or inside', () => {
    expect(tightest('/system.slice')).toBeNull();
    expect(tightest('/')).toBeNull();
    expect(tightest('/../user.slice')).toBeNull();
    expect(tightest('user.slice')).toBeNull();
    expect(tightest('/user.slice\0/x')).toBeNull();
  });

  it('is null for torn figures', () => {
    v2('user.slice', { max: 'm' });
    v2('user.slice/agent', { stat: '', current: '' });
    expect(tightest('/user.slice/agent')).toBeNull();
  });
});

describe('cgroup v1', () => {
  const v1 = (path: string, limit: string | number, usage: number): void => {
    write(`memory${path}/memory.limit_in_bytes`, limit);
    write(`memory${path}/memory.usage_in_bytes`, usage);
    write(`memory${path}/memory.memsw.limit_in_bytes`, limit === NO_LIMIT_V1 ? NO_LIMIT_V1 : Number(limit) + 64 * MIB);
    write(`memory${path}/memory.stat`, `inactive_file 1\ntotal_inactive_file ${10 * MIB}\n`);
    write(`memory${path}/memory.oom_control`, 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n');
  };

  it('reads a limit, its swap part, the working set of the subtree and the kills', () => {
    v1('', NO_LIMIT_V1, 5000 * MIB);
    v1('/docker/abc', 512 * MIB, 100 * MIB);
    expect(tightest('/docker/abc')).toEqual({
      path: '/docker/abc',
      version: 1,
      limitBytes: 512 * MIB,
      highBytes: null,
      swapLimitBytes: 64 * MIB,
      workingSetBytes: 90 * MIB,
      oomKills: 2,
    });
  });

  it('takes the huge figure of v1 for no limit', () => {
    v1('', NO_LIMIT_V1, 1);
    v1('/a', NO_LIMIT_V1, 1);
    expect(tightest('/a')).toBeNull();
  });

  it('finds the container limit at the root of what a container sees', () => {
    v1('', 256 * MIB, 20 * MIB);
    expect(tightest('/docker/0123456789')).toMatchObject({ path: '/', limitBytes: 256 * MIB });
  });

  it('asks v1 where a hybrid system has both', () => {
    v1('', NO_LIMIT_V1, 1);
    write('unified/cgroup.controllers', '');
    expect(findCgroupMount(root)?.version).toBe(1);
  });
});

describe('membership', () => {
  const hybrid = '9:name=systemd:/init\n4:cpu,memory:/process/a:b\n1:cpu:/\n0::/user.slice\n';
  it('reads the line of the memory controller', () => {
    expect(parseCgroupPath(hybrid, 1)).toBe('/process/a:b');
    expect(parseCgroupPath(hybrid, 2)).toBe('/user.slice');
  });
  it('is null where it is not told, or outside of our namespace', () => {
    expect(parseCgroupPath('1:cpu:/\n', 1)).toBeNull();
    expect(parseCgroupPath('0::/../other\n', 2)).toBeNull();
    expect(parseCgroupPath('', 2)).toBeNull();
  });
});

describe('through the source', () => {
  it('is in the host sample, follows the usage, and answers for other processes', async () => {
    const proc = createFakeProc();
    const clock = fakeClock();
    write('cgroup.controllers', 'memory\n');
    v2('box', { max: 300 * MIB, high: 'max\n', current: 100 * MIB, stat: 'inactive_file 0\n' });
    proc.write('self/cgroup', '0::/box/inner\n');
    proc.put({ pid: 7, cgroup: '0::/box\n' });
    const source = createLinuxSource({ clock, procRoot: proc.root, cgroupRoot: root });
    expect((await source.sample()).host.cgroup).toMatchObject({ path: '/box', workingSetBytes: 100 * MIB });
    v2('box', { current: 200 * MIB });
    clock.move(1000);
    expect((await source.sample()).host.cgroup?.workingSetBytes).toBe(200 * MIB);
    const facts = await source.facts({ pid: 7, startTime: 100 });
    expect(facts?.cgroup).toBe('/box');
    expect((await source.cgroupMemory(facts?.cgroup ?? ''))?.limitBytes).toBe(300 * MIB);
    await source.close();
    proc.dispose();
  });
});
