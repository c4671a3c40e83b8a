import { describe, expect, it } from 'vitest';
import { portableFacts } from '../../../src/sources/portable/facts.ts';
import type { Figures, Listed } from '../../../src/sources/portable/list.ts';
import { createPortableTable } from '../../../src/sources/portable/table.ts';
import { fakeClock } from '../../support/processes/clock.ts';

const listed = (pid: number, more: Partial<Listed> = {}): Listed => ({
  pid,
  parentPid: 1,
  name: 'node',
  state: 'sleeping',
  tty: '',
  user: 'nobody-here',
  command: 'node',
  params: 'server.js',
  path: '/usr/bin',
  ...more,
});
const figures = (startedAtMs: number, more: Partial<Figures> = {}): Figures => ({
  rssBytes: 1000,
  cpuMs: 10,
  startedAtMs,
  ...more,
});
const T0 = 1_700_000_000_000;

function setUp() {
  const table = createPortableTable(fakeClock());
  const update = (figure: Figures | null, more: Partial<Listed> = {}) =>
    table.update(new Map([[5, listed(5, more)]]), new Map(figure === null ? [] : [[5, figure]]));
  return { table, update };
}

describe('portable table', () => {
  it('keeps the identity while estimates of the start wander by a second', () => {
    const { table, update } = setUp();
    expect(update(figures(T0)).started).toEqual([`5:${T0}`]);
    for (const drift of [900, -700, 1000, 0, -1000]) {
      expect(update(figures(T0 + drift, { cpuMs: 20 }))).toMatchObject({ started: [], exited: [] });
    }
    expect([...table.samples.keys()]).toEqual([`5:${T0}`]);
  });

  it('follows a clock that is slewed, step by step', () => {
    const { table, update } = setUp();
    for (let step = 0; step < 20; step += 1) update(figures(T0 + step * 500));
    expect([...table.samples.keys()]).toEqual([`5:${T0}`]);
  });

  it('tells a reused pid by its start, or by CPU time that fell', () => {
    const { update } = setUp();
    update(figures(T0));
    expect(update(figures(T0 + 5000))).toMatchObject({ started: [`5:${T0 + 5000}`], exited: [`5:${T0}`] });
    update(figures(T0 + 5000, { cpuMs: 500 }));
    expect(update(figures(T0 + 5100, { cpuMs: 1 }))).toMatchObject({ exited: [`5:${T0 + 5000}`] });
  });

  it('drops what has no figures, and takes nothing that is not listed', () => {
    const { table, update } = setUp();
    update(figures(T0));
    expect(update(null).exited).toEqual([`5:${T0}`]);
    table.update(new Map(), new Map([[6, figures(T0)]]));
    expect(table.samples.size).toBe(0);
  });

  it('translates states and terminals', () => {
    const { table, update } = setUp();
    update(figures(T0), { state: 'zombie', tty: 'pts/0' });
    const row = table.samples.get(`5:${T0}`);
    expect(row).toMatchObject({ state: 'zombie', tty: -1, anonBytes: null, footprint: null });
    update(figures(T0), { state: 'blocked' });
    expect(row).toMatchObject({ state: 'disk-sleep', tty: 0 });
    update(figures(T0), { state: 'something new' });
    expect(row?.state).toBe('unknown');
  });
});

describe('portable facts', () => {
  it('redacts the command line and claims no path', () => {
    const { table, update } = setUp();
    const entry = listed(5, { params: 'server.js --api-key secret-value-123 \u001b[31m' });
    update(figures(T0));
    const row = table.samples.get(`5:${T0}`);
    if (row === undefined) throw new Error('it was just added');
    const facts = portableFacts(entry, row);
    expect(facts.argv.slice(0, 2)).toEqual(['/usr/bin/node', 'server.js']);
    expect(JSON.stringify(facts)).not.toMatch(/secret-value|\\u001b/);
    expect(facts).toMatchObject({ exe: null, cwd: null, uid: null, env: {}, runtime: 'node', startedAtMs: T0 });
    expect(Object.keys(facts.unknown)).toEqual(expect.arrayContaining(['exe', 'cwd', 'uid', 'env', 'cgroup']));
  });
});
