import { describe, expect, it } from 'vitest';
import { run } from '../../../bench/learning/run.ts';
import {
  choose,
  createLearning,
  NOTHING_LEARNED,
  objection,
  type Learning,
} from '../../../src/advice/learning/index.ts';
import { cumulative, quantile } from '../../../src/advice/learning/student.ts';
import type { Outcome } from '../../../src/model/index.ts';
import { outcome } from '../../support/advice/outcomes.ts';

const MIB = 1024 * 1024;
const NOW = 1_000_000;
const DAY = 24 * 3_600_000;
const GC = { action: 'force_gc', finding: 'v8-heap', role: 'some-mcp' } as const;

function taught(...outcomes: Outcome[]): Learning {
  const learning = createLearning();
  for (const one of outcomes) learning.learn(one);
  return learning;
}

const many = (freed: number, count: number, change: Partial<Outcome> = {}): Outcome[] =>
  Array.from({ length: count }, (_, index) => outcome(freed + (index % 3) - 1, change));

describe("Student's t", () => {
  // Tables of the 90th and 97.5th percentile.
  it.each([
    [0.9, 4, 1.533],
    [0.9, 10, 1.372],
    [0.975, 5, 2.571],
    [0.975, 30, 2.042],
  ])('has its %d quantile at %i degrees at %d', (p, dof, t) => {
    expect(quantile(p, dof)).toBeCloseTo(t, 1.5);
    expect(cumulative(t, dof)).toBeCloseTo(p, 2);
  });
});

describe('the effect of an action', () => {
  it('is not known before the first outcome, and wide after one', () => {
    const learning = createLearning();
    expect(learning.expected(GC, 200 * MIB, NOW)).toMatchObject({
      bytes: null,
      lowBytes: null,
      confidence: null,
      basedOn: 0,
    });
    learning.learn(outcome(50));
    const one = learning.expected(GC, 200 * MIB, NOW);
    expect(one.bytes).toBeGreaterThan(10 * MIB);
    expect(one.bytes).toBeLessThan(50 * MIB);
    expect(one.lowBytes).toBeLessThan(0);
    expect(one).toMatchObject({ basedOn: 1, confidence: 0.8 });
  });

  it('comes to the truth and gets narrow, in bytes of the target at hand', () => {
    const learning = taught(...many(50, 30));
    const known = learning.expected(GC, 200 * MIB, NOW);
    expect(known.bytes).toBeGreaterThan(47 * MIB);
    expect(known.bytes).toBeLessThan(51 * MIB);
    expect((known.highBytes ?? 0) - (known.lowBytes ?? 0)).toBeLessThan(30 * MIB);
    const twice = learning.expected(GC, 400 * MIB, NOW);
    expect((twice.bytes ?? 0) / (known.bytes ?? 1)).toBeCloseTo(2, 5);
  });

  it('is what would not have happened anyway', () => {
    const idle = taught(...many(50, 20, { counterfactualBytes: 50 * MIB }));
    expect(Math.abs(idle.expected(GC, 200 * MIB, NOW).bytes ?? 99)).toBeLessThan(6 * MIB);
  });

  it('leans on other roles and findings, less than on its own', () => {
    const learning = taught(
      ...many(50, 20, { role: 'a' }),
      ...many(54, 20, { role: 'b' }),
      ...many(46, 20, { role: 'c' }),
    );
    const stranger = learning.expected({ ...GC, role: 'd' }, 200 * MIB, NOW);
    expect(stranger.bytes).toBeGreaterThan(30 * MIB);
    expect(stranger.reason).toContain('none of this one');
    const otherFinding = learning.expected({ ...GC, role: 'd', finding: 'native' }, 200 * MIB, NOW);
    expect(otherFinding.bytes).toBeGreaterThan(0);
    expect(otherFinding.bytes).toBeLessThan(stranger.bytes ?? 0);
    expect(learning.expected({ ...GC, action: 'reclaim' }, 200 * MIB, NOW).bytes).toBeNull();
  });

  it('follows a change within a few outcomes', () => {
    const learning = taught(...many(60, 40), ...many(-20, 6));
    expect(learning.posterior(GC, NOW).mean).toBeLessThan(0);
    expect(objection(learning.posterior(GC, NOW))).not.toBeNull();
  });

  it('fades: a year later almost nothing is left of it', () => {
    const learning = taught(...many(60, 40));
    const width = (nowMs: number): number => learning.posterior(GC, nowMs).variance;
    expect(width(NOW + 365 * DAY)).toBeGreaterThan(20 * width(NOW));
    expect(learning.posterior(GC, NOW + 3650 * DAY).mean).toBeCloseTo(0.05, 2);
  });

  it('weighs a blurred measurement less', () => {
    const sharp = taught(outcome(50), outcome(0));
    const blurred = taught(outcome(50), outcome(0, { errorBytes: 300 * MIB }));
    expect(blurred.posterior(GC, NOW).mean).toBeGreaterThan(sharp.posterior(GC, NOW).mean);
  });

  it('counts an outcome once, and a refusal not at all', () => {
    const twice = outcome(50);
    const learning = taught(twice, twice, outcome(50, { result: 'refused' }));
    expect(learning.effects({}, NOW)).toMatchObject([{ outcomes: 1, results: { helped: 1 } }]);
  });

  it('keeps figures finite whatever it is told', () => {
    const learning = taught(
      outcome(1e12),
      outcome(-1e12),
      outcome(Number.NaN),
      outcome(null),
      outcome(5, { before: null }),
    );
    const [effect] = learning.effects({}, NOW);
    for (const value of [effect?.meanBytes, effect?.lowBytes, effect?.highBytes])
      expect(Number.isFinite(value)).toBe(true);
  });

  it('is listed with what it rests on, forgotten on request, and survives its own state', () => {
    const learning = taught(...many(50, 5), outcome(20, { action: 'reclaim' }), outcome(10, { role: 'b' }));
    expect(learning.effects({ role: 'some-mcp', action: 'force_gc' }, NOW)).toMatchObject([
      { outcomes: 5, reason: expect.stringContaining('by 5 outcomes, leaning on 1 outcome elsewhere') },
    ]);
    const again = createLearning(JSON.parse(JSON.stringify(learning.state())));
    expect(again.effects({}, NOW)).toEqual(learning.effects({}, NOW));
    expect(again.forget({ role: 'some-mcp', action: 'force_gc' })).toBe(1);
    expect(again.forget({})).toBe(2);
    expect(again.state().cells).toEqual(NOTHING_LEARNED.cells);
  });

  it('is bounded', () => {
    const learning = createLearning();
    for (let i = 0; i < 1_050; i += 1) learning.learn(outcome(10, { role: `role-${i}`, id: `i${i}` }));
    const { cells, seen } = learning.state();
    expect(cells).toHaveLength(1_000);
    expect(cells.at(-1)?.role).toBe('role-1049');
    expect(seen.length).toBeLessThanOrEqual(256);
  });
});

describe('the choice of automation', () => {
  const choice = (learning: Learning, sizeBytes = 200 * MIB) => ({
    item: 'gc',
    risk: 'low' as const,
    sizeBytes,
    posterior: learning.posterior(GC, NOW),
  });

  it('takes what helps and leaves what harms or damages', () => {
    expect(choose([choice(taught(...many(50, 10)))], () => 0.5)?.item).toBe('gc');
    expect(choose([choice(taught(...many(-50, 3)))], () => 0.999)).toBeNull();
    const damaging = taught(outcome(50, { result: 'harmful' }), outcome(50, { result: 'harmful' }));
    expect(objection(damaging.posterior(GC, NOW))).toContain('damage');
    expect(choose([choice(damaging)], () => 0.999)).toBeNull();
  });

  it('does nothing rather than something useless', () => {
    const useless = taught(...many(0, 25));
    const taken = Array.from({ length: 100 }, (_, i) => choose([choice(useless)], () => (i + 0.5) / 100));
    expect(taken.filter((one) => one !== null).length).toBeLessThan(10);
  });

  it.each(['none', 'slow', 'abrupt'] as const)('does well on a made-up machine, drift: %s', (drift) => {
    const result = run({ seed: 424, roles: 6, actions: 5, drift, noise: 'normal', outcomes: 600 });
    expect(result.savedBytes / result.bestBytes).toBeGreaterThan(0.7);
    expect(result.held / result.given).toBeGreaterThan(0.75);
    expect(result.held / result.given).toBeLessThan(0.85);
    expect(result.worstHarmfulShare).toBeLessThanOrEqual(0.01);
  });
});
