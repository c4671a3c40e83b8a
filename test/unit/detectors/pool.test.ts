import { describe, expect, it } from 'vitest';
import { createFleet, createLeakDetector } from '../../../src/detectors/index.ts';
import { createPool } from '../../../src/detectors/pool.ts';
import { HOUR_MS, MIB, noise } from './series.ts';

const T0 = 1_700_000_000_000;
const STEP_MS = 60_000;

/** Noise with a memory of a few minutes, ±`mib` about. */
function wanderer(seed: number, mib: number): () => number {
  const random = noise(seed);
  let v = 0;
  return () => {
    v += -v * 0.2 + mib * random();
    return v;
  };
}

describe('live copies of one command', () => {
  const live = (copies: number, hours: number, mib: (h: number, copy: number) => number, noiseMib: number) => {
    const pool = createPool();
    const noises = Array.from({ length: copies }, (_, i) => wanderer(100 + i, noiseMib));
    const detectors = noises.map(() => createLeakDetector());
    const fleet = createFleet();
    for (let tMs = 0; tMs < hours * HOUR_MS; tMs += STEP_MS) {
      noises.forEach((next, i) => {
        const sample = { tMs: T0 + tMs, rssBytes: Math.max(1, mib(tMs / HOUR_MS, i) + next()) * MIB };
        pool.push(`${i}`, sample);
        detectors[i]!.push(sample);
        fleet.observe('node worker.js', `${i}`, sample);
      });
    }
    const members = detectors.map((d, i) => ({
      id: `${i}`,
      role: 'worker',
      program: 'node worker.js',
      finding: d.verdict(),
    }));
    return { pool, members, fleet };
  };

  it('leak together before any of them shows it', () => {
    const { pool, members, fleet } = live(12, 36, (h) => 300 + 2.5 * h, 60);
    expect(members.filter(({ finding }) => finding.verdict === 'leaking')).toEqual([]);
    const together = pool.verdict()!;
    expect(together.verdict).toBe('leaking');
    expect(together.ratePerHourBytes! / MIB).toBeGreaterThan(1.5);
    expect(together.ratePerHourBytes! / MIB).toBeLessThan(3.5);
    const judged = [...fleet.review(members).values()];
    for (const { verdict, reason } of judged) {
      expect(['suspected', 'leaking']).toContain(verdict);
      expect(reason).toContain('12 live copies');
    }
    for (const { id, finding } of members) {
      const alone = createFleet()
        .review([{ id, role: 'worker', finding }])
        .get(id)!;
      expect(judged.find((one) => one.id === id)!.score!).toBeGreaterThan(alone.score!);
    }
  });

  it('that fill the same cache, or only make noise, are left alone', () => {
    for (const shape of [() => 300, (h: number) => 300 + 150 * (1 - Math.exp(-h / 3))]) {
      const { pool, members, fleet } = live(6, 36, shape, 20);
      expect(pool.verdict()!.verdict).toBe('clear');
      for (const { verdict } of fleet.review(members).values()) expect(verdict).toBe('clear');
    }
  });

  it('are not suspected for what fewer than half of them do, however fast', () => {
    for (const fast of [1, 2]) {
      const { pool, members, fleet } = live(5, 30, (h, i) => 300 + (i < fast ? 60 * h : 0), 20);
      expect(pool.verdict()!.verdict).toBe('clear');
      const verdicts = [...fleet.review(members).values()].map(({ verdict }) => verdict);
      expect(verdicts).toEqual(members.map((_, i) => (i < fast ? 'leaking' : 'clear')));
    }
  });

  it('that were cleared by their own floors are not suspected for the others, and who left is no copy', () => {
    const { members, fleet } = live(12, 36, (h) => 300 + 2.5 * h, 60);
    const [first, second, ...rest] = members as [(typeof members)[0], (typeof members)[0], ...typeof members];
    const cleared = { ...first, finding: { ...first.finding, confirmation: 'cleared' as const } };
    fleet.left('node worker.js', second.id);
    const judged = fleet.review([cleared, second, ...rest]);
    expect(judged.get(first.id)!.verdict).toBe(first.finding.verdict);
    expect(judged.get(second.id)!.verdict).toBe(second.finding.verdict);
    expect(judged.get(rest[0]!.id)!.reason).toContain('11 live copies');
  });

  it('do not step when one ends, and do not ratchet as new ones warm up', () => {
    const pool = createPool();
    const born = new Map<string, number>();
    let made = 0;
    for (let tMs = 0; tMs < 60 * HOUR_MS; tMs += STEP_MS) {
      // Five at once; each lives ten hours at most, and grows by 100 MiB while it warms up.
      for (const [id, at] of born) {
        if (tMs - at <= (6 + (Number(id) % 5)) * HOUR_MS) continue;
        born.delete(id);
        pool.end(id);
      }
      while (born.size < 5) born.set(`${made++}`, tMs);
      for (const [id, at] of born) {
        const h = (tMs - at) / HOUR_MS;
        pool.push(id, { tMs: T0 + tMs, rssBytes: (200 + 100 * (1 - Math.exp(-h)) + 50 * (Number(id) % 3)) * MIB });
      }
      expect(pool.verdict()?.verdict ?? 'clear').not.toBe('leaking');
    }
    for (const id of born.keys()) pool.end(id);
    expect(pool.empty).toBe(true);
    expect(pool.verdict()).toBeNull();
  });

  it('are a pool from three on, and take no bad sample', () => {
    const pool = createPool();
    for (const id of ['a', 'b']) pool.push(id, { tMs: T0, rssBytes: 5 });
    pool.push('a', { tMs: T0 + STEP_MS, rssBytes: 6 });
    expect(pool.verdict()).toBeNull();
    pool.push('c', { tMs: T0 + 2 * STEP_MS, rssBytes: Number.NaN });
    pool.push('c', { tMs: T0 + 2 * STEP_MS, rssBytes: -1 });
    expect(pool.size).toBe(2);
    pool.push('c', { tMs: T0 + 2 * STEP_MS, rssBytes: 7 });
    pool.push('a', { tMs: T0 + STEP_MS, rssBytes: 1e9 });
    expect(pool.size).toBe(3);
    // Until all may have come nothing is judged.
    pool.push('c', { tMs: T0 + 9 * STEP_MS, rssBytes: 7 });
    expect(pool.verdict()).toBeNull();
    pool.push('c', { tMs: T0 + 11 * STEP_MS, rssBytes: 7 });
    expect(pool.verdict()).toMatchObject({ verdict: 'insufficient-data', samples: 1 });
  });
});
