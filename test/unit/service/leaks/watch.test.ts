import { describe, expect, it } from 'vitest';
import { createMemoryStore, openHistory } from '../../../../src/history/index.ts';
import type { Attribution, ProcessFacts, ProcessSample, Sweep } from '../../../../src/model/index.ts';
import { createLeakWatch } from '../../../../src/service/leaks/watch.ts';
import { replay } from '../../../../src/service/leaks/replay.ts';
import type { WorldRow } from '../../../../src/service/engine/world.ts';

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;
const START_MS = 1_750_000_000_000;
const STEP_MS = 30_000;

const OWNER: Attribution = {
  role: 'server',
  client: 'claude-code',
  agent: '1:1',
  sessionId: 's',
  agentId: null,
  serverName: 'demo-mcp',
  serverHead: null,
  confidence: 90,
  evidence: [],
};

/** Reproducible noise in [-1, 1). */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return ((state / 1_073_741_824) % 2) - 1;
  };
}

interface Planted {
  readonly pid: number;
  readonly rssAt: (hours: number, random: () => number) => number;
  readonly role?: Attribution['role'];
  readonly facts?: Partial<ProcessFacts>;
}

/** Sweeps of planted processes for so many hours. */
function run(planted: readonly Planted[], hours: number) {
  const watch = createLeakWatch();
  const random = noise(7);
  const samples = new Map(
    planted.map(({ pid }) => [
      `${pid}:1` as const,
      {
        key: `${pid}:1`,
        pid,
        startTime: 1,
        ppid: 1,
        state: 'sleeping',
        rssBytes: 0,
        anonBytes: 0,
        cpuMs: 0,
        threads: 7,
        footprint: null,
      } as ProcessSample & { rssBytes: number; cpuMs: number },
    ]),
  );
  const rows = new Map(
    planted.map(({ pid, role, facts }) => [
      `${pid}:1` as const,
      {
        sample: samples.get(`${pid}:1`),
        attribution: { ...OWNER, ...(role === undefined ? {} : { role }) },
        facts: { exe: '/usr/bin/node', comm: 'node', argv: ['node', '/srv/demo-mcp.js'], cwd: '/', ...facts },
        signs: null,
      } as unknown as WorldRow,
    ]),
  );
  let atMs = START_MS;
  for (; atMs < START_MS + hours * HOUR_MS; atMs += STEP_MS) {
    for (const { pid, rssAt } of planted) {
      const sample = samples.get(`${pid}:1`)!;
      sample.rssBytes = rssAt((atMs - START_MS) / HOUR_MS, random);
      sample.cpuMs += STEP_MS * 0.05 * (1 + 0.2 * random());
    }
    const sweep = {
      atMs,
      processes: samples,
      started: [],
      exited: [],
      refreshed: [...samples.keys()],
    } as unknown as Sweep;
    watch.sweep(sweep, rows);
  }
  return {
    watch,
    atMs,
    sweep: (exited: readonly string[]) =>
      watch.sweep({ atMs, processes: samples, started: [], exited, refreshed: [] } as unknown as Sweep, rows),
  };
}

const leaking: Planted = { pid: 10, rssAt: (hours, random) => (100 + 12 * hours + 2 * random()) * MIB };
const healthy: Planted = { pid: 11, rssAt: (_, random) => (120 + 4 * random()) * MIB };

describe('the leak watch', () => {
  it('finds the process that grows, and not its neighbour', () => {
    const { watch, atMs } = run([leaking, healthy], 14);
    const found = new Map(watch.review(atMs).map((one) => [one.key, one]));
    expect(found.get('10:1')?.fleet.verdict).toBe('leaking');
    expect(found.get('10:1')?.finding.ratePerHourBytes).toBeGreaterThan(8 * MIB);
    expect(found.get('10:1')?.finding.ratePerHourBytes).toBeLessThan(16 * MIB);
    expect(found.get('11:1')?.fleet.verdict).toBe('clear');
  });

  it('says "too young" before it has seen enough', () => {
    const { watch, atMs } = run([leaking], 0.1);
    expect(watch.review(atMs)[0]?.fleet.verdict).toBe('insufficient-data');
  });

  it('leaves small strangers alone and forgets what has ended', () => {
    const small: Planted = { pid: 12, rssAt: () => 5 * MIB, role: 'other' };
    const large: Planted = { pid: 13, rssAt: () => 500 * MIB, role: 'other' };
    const { watch, sweep } = run([small, large], 0.1);
    expect(watch.watched).toBe(1);
    sweep(['13:1']);
    expect(watch.watched).toBe(0);
  });
});

describe('live copies', () => {
  /** 2.5 MiB an hour under noise with a memory of a few minutes. */
  const slow = (pid: number, over: Partial<Planted> = {}): Planted => {
    let wander = 0;
    const rssAt: Planted['rssAt'] = (hours, random) => {
      wander += -wander * 0.1 + 60 * random();
      return Math.max(1, 300 + 2.5 * hours + wander) * MIB;
    };
    return { pid, rssAt, ...over };
  };
  const verdicts = (planted: readonly Planted[]) => {
    const { watch, atMs } = run(planted, 36);
    return watch.review(atMs);
  };

  it('of one server leak together before one shows it, and the reason says so', () => {
    const reviewed = verdicts(Array.from({ length: 8 }, (_, i) => slow(20 + i)));
    for (const { fleet } of reviewed) expect(fleet.verdict).not.toBe('clear');
    const worse = reviewed.filter(({ fleet, finding }) => fleet.verdict !== finding.verdict);
    expect(worse.length).toBeGreaterThan(0);
    for (const { finding } of worse) expect(finding.reason).toContain('8 live copies');
  });

  it('are none of what is no agent’s, of other arguments, or of an interpreter that runs no file', () => {
    const others: Partial<Planted>[] = [
      { role: 'other' },
      { facts: { argv: ['node', '-e', 'work()'] } },
      { facts: { exe: null } },
    ];
    const different = (i: number): Partial<Planted> => ({ facts: { argv: ['node', '/srv/demo-mcp.js', `--to=${i}`] } });
    for (const over of [...others, null]) {
      const reviewed = verdicts(Array.from({ length: 8 }, (_, i) => slow(20 + i, over ?? different(i))));
      for (const { fleet, finding } of reviewed) expect(fleet.verdict).toBe(finding.verdict);
    }
  });
});

describe('floors from outside', () => {
  const floor = (atMs: number, hours: number, growth: number, external = 0, native = 0) => ({
    atMs: atMs + hours * HOUR_MS,
    heapUsedBeforeBytes: 90 * MIB,
    heapUsedAfterBytes: (60 + growth * hours) * MIB,
    externalBytes: (4 + external * hours) * MIB,
    nativeBytes: (30 + native * hours) * MIB,
  });

  it('that grow as memory does confirm: the score rises and the heap is named', () => {
    const { watch, atMs } = run([leaking], 14);
    const before = watch.review(atMs)[0]!;
    expect(before.finding.confirmation).toBeNull();
    expect(watch.confirm('10:1', floor(atMs, 0, 12))).toMatchObject({ said: null });
    expect(watch.confirm('10:1', floor(atMs, 1, 12))).toMatchObject({ said: 'confirmed', kind: 'v8-heap' });
    const { finding } = watch.review(atMs + HOUR_MS)[0]!;
    expect(finding).toMatchObject({ verdict: 'leaking', confirmation: 'confirmed', kind: 'v8-heap' });
    expect(finding.score).toBeGreaterThanOrEqual(before.finding.score!);
    expect(finding.logOdds).toBeGreaterThan(before.finding.logOdds);
  });

  it('name Buffers when it is those that grow', () => {
    const { watch, atMs } = run([leaking], 14);
    watch.confirm('10:1', floor(atMs, 0, 1, 11));
    expect(watch.confirm('10:1', floor(atMs, 1, 1, 11))).toMatchObject({ said: 'confirmed', kind: 'external' });
  });

  it('that stand still clear the heap, and what little evidence there was', () => {
    // Early: suspected, not yet sure.
    const slow: Planted = { pid: 10, rssAt: (hours, random) => (100 + 6 * hours + 2 * random()) * MIB };
    const { watch, atMs } = run([slow], 3);
    const before = watch.review(atMs)[0]!;
    expect(before.finding.verdict).toBe('suspected');
    for (const hours of [0, 0.5]) expect(watch.confirm('10:1', floor(atMs, hours, 0))?.said).toBeNull();
    expect(watch.confirm('10:1', floor(atMs, 1, 0))?.said).toBe('cleared');
    const { finding } = watch.review(atMs + HOUR_MS)[0]!;
    expect(finding).toMatchObject({ verdict: 'clear', confirmation: 'cleared', kind: null });
    expect(finding.score!).toBeLessThan(before.finding.score!);
    // The black box is told the same.
    expect(watch.finding('10:1', atMs + HOUR_MS)).toEqual(finding);
  });

  it('clear nothing where the growth is resident outside of V8: that is named, and weighs nothing', () => {
    const { watch, atMs } = run([leaking], 14);
    const before = watch.review(atMs)[0]!.finding;
    for (const hours of [0, 0.5, 1]) watch.confirm('10:1', floor(atMs, hours, 0, 0, 11));
    const { finding } = watch.review(atMs + HOUR_MS)[0]!;
    expect(finding).toMatchObject({ verdict: 'leaking', confirmation: null, kind: 'native', logOdds: before.logOdds });
    expect(finding.kindReason).toContain('outside of V8');
  });

  it('are asked for as growth is found, then at twice the span each time, and no more when they are sure', () => {
    const { watch, atMs } = run([leaking, healthy], 14);
    const asked = () => new Map(watch.review(atMs).map(({ key, confirmAtMs }) => [key, confirmAtMs]));
    expect(asked()).toEqual(
      new Map([
        ['10:1', 0],
        ['11:1', null],
      ]),
    );
    for (const hours of [0, 1]) watch.confirm('10:1', floor(atMs, hours, 4));
    expect(asked().get('10:1')).toBe(atMs + 2 * HOUR_MS);
    watch.confirm('10:1', floor(atMs, 2, 12));
    watch.confirm('10:1', floor(atMs, 4, 12));
    expect(watch.review(atMs)[0]!.finding.confirmation).toBe('confirmed');
    expect(asked().get('10:1')).toBeNull();
  });

  it('of the quiet time before do not clear a leak that begins later', () => {
    const late: Planted = { pid: 10, rssAt: (hours, random) => (100 + 12 * Math.max(0, hours - 8) + random()) * MIB };
    const { watch, atMs } = run([late], 22);
    for (const hours of [-21, -18, -15]) watch.confirm('10:1', floor(atMs, hours, 0));
    expect(watch.review(atMs)[0]!.finding).toMatchObject({ verdict: 'leaking', confirmation: null });
    const grown = { ...floor(atMs, 0, 0), heapUsedAfterBytes: (60 + 12 * 14) * MIB };
    expect(watch.confirm('10:1', grown)).toMatchObject({ said: 'confirmed' });
  });

  it('clear growth for three times as long as they lasted', () => {
    const slow: Planted = { pid: 10, rssAt: (hours, random) => (100 + 6 * hours + 2 * random()) * MIB };
    const { watch, atMs } = run([slow], 14);
    for (const hours of [-13, -12.5, -12]) watch.confirm('10:1', floor(atMs, hours, 0));
    expect(watch.review(atMs)[0]).toMatchObject({ finding: { confirmation: null }, confirmAtMs: 0 });
    watch.confirm('10:1', floor(atMs, -6, 0));
    expect(watch.review(atMs)[0]).toMatchObject({ finding: { confirmation: 'cleared' } });
  });

  it('teach a role nothing bad of what they cleared', () => {
    const { watch, atMs, sweep } = run([leaking], 6);
    for (const hours of [0, 0.5, 1]) watch.confirm('10:1', floor(atMs, hours, 0));
    sweep(['10:1']);
    expect(watch.roles()).toEqual([{ role: 'demo-mcp', lives: 1, leaks: 0 }]);
    const other = run([leaking], 6);
    other.sweep(['10:1']);
    expect(other.watch.roles()[0]!.leaks).toBeGreaterThan(0.3);
  });

  it('that lie too close together say nothing, but when to ask again', () => {
    const { watch, atMs } = run([leaking], 14);
    watch.confirm('10:1', floor(atMs, 0, 0));
    watch.confirm('10:1', floor(atMs, 0.01, 0));
    const answer = watch.confirm('10:1', floor(atMs, 0.02, 0));
    expect(answer?.said).toBeNull();
    // 2 MB at some 12 MiB an hour.
    expect((answer!.nextAtMs! - atMs) / HOUR_MS).toBeCloseTo(2e6 / (12 * MIB), 1);
    expect(watch.review(atMs)[0]?.fleet.verdict).toBe('leaking');
  });

  it('of nobody, out of order or without a figure change nothing', () => {
    const { watch, atMs } = run([leaking, healthy], 14);
    expect(watch.confirm('99:1', floor(atMs, 0, 0))).toBeNull();
    expect(watch.confirm('11:1', floor(atMs, 0, 0))).toMatchObject({ said: null, nextAtMs: null });
    for (const hours of [1, 0, -3]) watch.confirm('10:1', floor(atMs, hours, 12));
    expect(watch.confirm('10:1', { ...floor(atMs, 2, 12), heapUsedAfterBytes: Number.NaN })?.said).toBeNull();
    expect(watch.confirm('10:1', floor(atMs, 2, 12))?.said).toBe('confirmed');
  });
});

describe('replay from history', () => {
  it('gives the verdict that was reached live', async () => {
    const atMs = START_MS + 14 * HOUR_MS;
    const clock = { nowMs: () => atMs, monotonicMs: () => 0 };
    const history = await openHistory({ store: createMemoryStore(), clock, flushIntervalMs: 0 });
    const random = noise(7);
    for (let tMs = START_MS; tMs < atMs; tMs += STEP_MS) {
      const hours = (tMs - START_MS) / HOUR_MS;
      history.append('10:1', 'rssBytes', tMs, Math.round(leaking.rssAt(hours, random) / 4096) * 4096);
      history.append('10:1', 'cpuMs', tMs, Math.round((tMs - START_MS) * 0.05));
      history.append('11:1', 'rssBytes', tMs, 50 * MIB);
    }
    await history.flush();
    const detector = await replay(history, '10:1', START_MS, atMs);
    expect(detector?.verdict().verdict).toBe('leaking');
    expect(detector?.verdict().samples).toBe((14 * HOUR_MS) / STEP_MS);
    expect(await replay(history, '99:1', START_MS, atMs)).toBeNull();
    await history.close();
  });
});
