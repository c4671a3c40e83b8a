import { describe, expect, test } from 'vitest';
import { hostLimit, processLimit } from '../../../src/limits/index.ts';
import type { CgroupMemory, HostSample } from '../../../src/model/index.ts';
import { BOOT_MS, row, type Described } from '../../support/swarm/rows.ts';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

function host(given: Partial<HostSample> = {}): HostSample {
  return {
    atMs: BOOT_MS,
    memoryTotalBytes: 32 * GIB,
    memoryAvailableBytes: 20 * GIB,
    swapTotalBytes: 0,
    swapFreeBytes: 0,
    pressure: null,
    cgroup: null,
    cpuCount: 8,
    unknown: {},
    ...given,
  };
}

function cgroup(given: Partial<CgroupMemory> = {}): CgroupMemory {
  return {
    path: '/docker/x',
    version: 2,
    limitBytes: null,
    highBytes: null,
    swapLimitBytes: null,
    workingSetBytes: GIB,
    oomKills: 0,
    ...given,
  };
}

describe('the host', () => {
  test.each([
    ['RAM alone', {}, { kind: 'host-memory', limitBytes: 32 * GIB, headroomBytes: 20 * GIB, usedBytes: 12 * GIB }],
    [
      'RAM and swap',
      { swapTotalBytes: 8 * GIB, swapFreeBytes: 5 * GIB },
      { kind: 'host-memory', limitBytes: 40 * GIB, headroomBytes: 25 * GIB, usedBytes: 15 * GIB },
    ],
    [
      'a cgroup with less room than the machine',
      { cgroup: cgroup({ limitBytes: 4 * GIB }) },
      { kind: 'cgroup', limitBytes: 4 * GIB, headroomBytes: 3 * GIB, usedBytes: GIB },
    ],
    [
      'a cgroup with more room than the machine has left',
      { cgroup: cgroup({ limitBytes: 30 * GIB }), memoryAvailableBytes: 2 * GIB },
      { kind: 'host-memory', headroomBytes: 2 * GIB },
    ],
    [
      'a high mark below the limit',
      { cgroup: cgroup({ limitBytes: 4 * GIB, highBytes: 3 * GIB }) },
      { kind: 'cgroup-high', limitBytes: 3 * GIB, headroomBytes: 2 * GIB },
    ],
    [
      'a cgroup that is over its limit has no room, not less than none',
      { cgroup: cgroup({ limitBytes: GIB / 2 }) },
      { kind: 'cgroup', headroomBytes: 0 },
    ],
    ['a cgroup without a limit', { cgroup: cgroup() }, { kind: 'host-memory' }],
  ] as const)('%s', (_name, given, expected) => {
    const limit = hostLimit(host(given));
    expect(limit).toMatchObject(expected);
    expect(limit.source).toMatch(/\.$/);
  });
});

describe('a process', () => {
  const limitOf = (described: Partial<Described>, given: Partial<HostSample> = {}, own: CgroupMemory | null = null) =>
    processLimit({ ...row({ pid: 9, argv: ['node', 'x.js'], ...described }), cgroup: own, host: host(given) });

  test.each([
    // Measured on Node 20.20, 22.23 and 24.21 under these memory limits: heap_size_limit less young space.
    [256 * MIB, 256 * MIB],
    [512 * MIB, 256 * MIB],
    [GIB, 512 * MIB],
    [2 * GIB, GIB],
    [4 * GIB, 2 * GIB],
    [8 * GIB, 2 * GIB],
    [14 * GIB, 2 * GIB],
    [15.5 * GIB, 4 * GIB],
    [16 * GIB, 4 * GIB],
    [24 * GIB, 4 * GIB],
  ])('with %d bytes of memory, a Node without flags has %d bytes of old space', (memoryBytes, oldSpaceBytes) => {
    const limit = limitOf({ anonBytes: 10 * MIB }, { memoryTotalBytes: memoryBytes, memoryAvailableBytes: 64 * GIB });
    expect(limit).toMatchObject({ kind: 'v8-old-space', limitBytes: oldSpaceBytes, usedBytes: null });
    expect(limit?.headroomBytes).toBe(oldSpaceBytes - 10 * MIB);
  });

  test.each([
    ['the command line', { argv: ['node', '--max-old-space-size=512', 'x.js'] }, 512],
    ['underscores', { argv: ['node', '--max_old_space_size=300', 'x.js'] }, 300],
    ['the last of two', { argv: ['node', '--max-old-space-size=300', '--max-old-space-size=700', 'x.js'] }, 700],
    ['NODE_OPTIONS', { env: { NODE_OPTIONS: '--require /x.js --max-old-space-size=100' } }, 100],
    ['NODE_OPTIONS with a space', { env: { NODE_OPTIONS: '--max_old_space_size 512' } }, 512],
    [
      'the command line over NODE_OPTIONS',
      { argv: ['node', '--max-old-space-size=200', 'x.js'], env: { NODE_OPTIONS: '--max-old-space-size=100' } },
      200,
    ],
    ['a flag of the script is none of Node', { argv: ['node', 'x.js', '--max-old-space-size=100'] }, 4096],
    ['nor is one behind -e', { argv: ['node', '-r', 'a.js', '-e', '1', '--max-old-space-size=100'] }, 4096],
    ['0 is the default', { argv: ['node', '--max-old-space-size=0', 'x.js'] }, 4096],
    ['a share of memory', { argv: ['node', '--max-old-space-size-percentage=50', 'x.js'] }, 16 * 1024],
    [
      'behind a flag that takes a value',
      { argv: ['node', '--require', 'a.js', '--max-old-space-size=90', 'x.js'] },
      90,
    ],
  ] as const)('flags: %s', (_name, described, mib) => {
    expect(limitOf({ anonBytes: MIB, ...described })).toMatchObject({ kind: 'v8-old-space', limitBytes: mib * MIB });
  });

  test('the memory cgroup counts as the memory of its Node', () => {
    const own = cgroup({ limitBytes: 2 * GIB, workingSetBytes: 100 * MIB });
    expect(limitOf({ anonBytes: 50 * MIB }, {}, own)).toMatchObject({ kind: 'v8-old-space', limitBytes: GIB });
  });

  test('a full cgroup binds before the heap does', () => {
    const own = cgroup({ limitBytes: 2 * GIB, workingSetBytes: 1.9 * GIB });
    expect(limitOf({ anonBytes: 50 * MIB }, {}, own)).toMatchObject({ kind: 'cgroup' });
  });

  test('anonymous memory beyond the heap limit says nothing about the heap', () => {
    const limit = limitOf({ anonBytes: 6 * GIB });
    expect(limit).toMatchObject({ kind: 'host-memory', headroomBytes: 20 * GIB });
  });

  test.each([
    ['Bun', { argv: ['/x/claude/versions/2.1.330'], runtime: 'bun' }],
    ['Python', { argv: ['python3', 'x.py'] }],
  ] as const)('%s has no V8 heap', (_name, described) => {
    expect(limitOf(described)).toMatchObject({ kind: 'host-memory' });
  });

  test('a zombie has no limit', () => {
    expect(limitOf({ state: 'zombie' })).toBeNull();
  });
});
