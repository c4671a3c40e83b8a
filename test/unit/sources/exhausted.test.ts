import { describe, expect, it } from 'vitest';
import { DENIED, EXHAUSTED, FAILED, type ProcIo, createProcIo } from '../../../src/sources/linux/proc-io.ts';
import { createProcessTable } from '../../../src/sources/linux/process-table.ts';
import { fakeClock } from '../../support/processes/clock.ts';
import { createFakeProc } from '../../support/processes/fake-proc.ts';

const now = { monotonicMs: 0, wallMs: 0 };

/** A system that fails as told: every open, and reads by path, give `failure` while it is set. */
function setUp(maxDescriptors = 8) {
  const proc = createFakeProc();
  const real = createProcIo();
  const failing: { with: number | null } = { with: null };
  const io: ProcIo = {
    ...real,
    open: (path) => failing.with ?? real.open(path),
    read: (path) => failing.with ?? real.read(path),
  };
  const units = { pageBytes: 4096, tickMs: 10, origin: 'assumed' } as const;
  const table = createProcessTable({ io, clock: fakeClock(), procRoot: proc.root, units, maxDescriptors });
  for (let pid = 1; pid <= 8; pid += 1) {
    proc.put({ pid });
    table.adopt(pid, now);
  }
  return { proc, table, failing, dispose: () => (table.close(), proc.dispose()) };
}

describe('a system without descriptors', () => {
  it('loses no process, and gets some descriptors back', () => {
    const { proc, table, failing, dispose } = setUp();
    expect(table.keptDescriptors()).toBe(8);
    proc.put({ pid: 9 });
    failing.with = EXHAUSTED;
    for (const row of table.byPid.values()) expect(table.look(row, true, now)).toBe('unread');
    expect(table.adopt(9, now)).toBe('gone');
    expect(table.byPid.size).toBe(8);
    expect(table.keptDescriptors()).toBeLessThan(7);
    failing.with = null;
    for (const row of table.byPid.values()) expect(table.look(row, true, now)).toBe('refreshed');
    expect(table.adopt(9, now)).toBeTypeOf('object');
    dispose();
  });

  it.each([[DENIED], [FAILED]])('takes failure %i for no exit', (failure) => {
    const { table, failing, dispose } = setUp();
    failing.with = failure;
    for (const row of table.byPid.values()) expect(table.look(row, true, now)).toBe('unread');
    dispose();
  });

  it('gives a place that became free to one that had none', () => {
    const { table, dispose } = setUp(2);
    const [first, second, third] = [...table.byPid.values()];
    if (first === undefined || second === undefined || third === undefined) throw new Error('eight were adopted');
    expect([first.fd >= 0, second.fd >= 0, third.fd >= 0]).toEqual([true, true, false]);
    table.remove(first);
    expect(table.look(third, false, now)).toBe('refreshed');
    expect(third.fd).toBeGreaterThanOrEqual(0);
    expect(table.keptDescriptors()).toBe(2);
    dispose();
  });

  it('takes a torn file for no exit', () => {
    const { proc, table, dispose } = setUp();
    const row = table.byPid.get(3);
    if (row === undefined) throw new Error('it was adopted');
    proc.write('3/stat', '3 (x');
    expect(table.look(row, true, now)).toBe('unread');
    dispose();
  });
});
