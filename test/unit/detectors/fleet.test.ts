import { describe, expect, it } from 'vitest';
import { createFleet, createLeakDetector } from '../../../src/detectors/index.ts';
import { calibrate, withPrior } from '../../../src/detectors/score/calibration.ts';
import { createConformal, forecast } from '../../../src/limits/forecast.ts';
import type { LeakFinding } from '../../../src/model/index.ts';
import { HOUR_MS, MIB, watch } from './series.ts';

const nothing = createLeakDetector().verdict();
const finding = (over: Partial<LeakFinding>): LeakFinding => ({
  ...nothing,
  verdict: 'clear',
  score: 0.1,
  peakScore: 0.1,
  ...over,
});

describe('fleet', () => {
  const many = (n: number) =>
    Array.from({ length: n }, (_, i) => ({ id: `p${i}`, role: 'node server.js', finding: finding({ logEValue: 0 }) }));

  it('holds a single weak alarm among a thousand back, and lets a strong one through', () => {
    const fleet = createFleet();
    const members = many(1000);
    members[3] = { ...members[3]!, finding: finding({ verdict: 'leaking', score: 0.98, logEValue: Math.log(500) }) };
    members[4] = { ...members[4]!, finding: finding({ verdict: 'leaking', score: 0.98, logEValue: Math.log(5e4) }) };
    const verdicts = fleet.review(members);
    expect(verdicts.get('p3')!.verdict).toBe('suspected');
    expect(verdicts.get('p3')!.reason).toContain('1000 processes');
    expect(verdicts.get('p4')!.verdict).toBe('leaking');
    expect(verdicts.get('p5')!.verdict).toBe('clear');
    // Whose live set grows along with it grew by no chance.
    members[3] = { ...members[3]!, finding: { ...members[3]!.finding, confirmation: 'confirmed' } };
    expect(fleet.review(members).get('p3')!.verdict).toBe('leaking');
  });

  it('needs less of each when many grow together', () => {
    const members = many(1000).map((m, i) =>
      i < 100 ? { ...m, finding: finding({ verdict: 'leaking', logEValue: Math.log(500) }) } : m,
    );
    expect(createFleet().review(members).get('p7')!.verdict).toBe('leaking');
  });

  it('lets a handful speak for itself', () => {
    const members = [{ id: 'a', role: 'x', finding: finding({ verdict: 'leaking', logEValue: 0 }) }];
    expect(createFleet().review(members).get('a')!.verdict).toBe('leaking');
  });

  it('learns from the ends of a role’s lives, carries it on, and stays bounded', () => {
    const fleet = createFleet({ maxRoles: 2 });
    expect(fleet.rolePrior('leaky')).toBe(0.05);
    expect(createFleet({ baseRate: 0.3 }).rolePrior('leaky')).toBe(0.3);
    for (let i = 0; i < 8; i++) fleet.ended('leaky', finding({ peakScore: 0.98 }));
    for (let i = 0; i < 8; i++) fleet.ended('sound', finding({ peakScore: 0.05 }));
    expect(fleet.rolePrior('leaky')).toBeGreaterThan(0.7);
    expect(fleet.rolePrior('sound')).toBeLessThan(0.02);
    expect(createFleet({ roles: fleet.roles() }).rolePrior('leaky')).toBe(fleet.rolePrior('leaky'));
    fleet.ended('third', finding({}));
    expect(fleet.roles().map((r) => r.role)).toEqual(['sound', 'third']);
    const weak = finding({ verdict: 'suspected', score: 0.6 });
    const [a, b] = ['sound', 'third'].map((role) => fleet.review([{ id: role, role, finding: weak }]).get(role)!.score);
    expect(a!).toBeLessThan(b!);
  });

  it('a score says what share of such processes leaks where leaks are rare', () => {
    const judge = (score: number) =>
      createFleet()
        .review([{ id: 'a', role: 'x', finding: finding({ verdict: 'leaking', score }) }])
        .get('a')!.score!;
    // 40 : 1 of evidence on 1 : 19 of prior belief.
    expect(judge(40 / 41)).toBeCloseTo(40 / 59, 6);
    expect(judge(0.885)).toBeLessThan(0.3);
    expect(judge(0.995)).toBeGreaterThan(0.9);
  });

  it('a role whose lives had a suspicious hour each does not become a leaking one', () => {
    const fleet = createFleet();
    for (let i = 0; i < 50; i++) fleet.ended('busy', finding({ peakScore: 0.7 }));
    expect(fleet.rolePrior('busy')).toBeLessThan(0.02);
  });

  it('calibration and priors are monotone and stay probabilities', () => {
    let last = 0;
    for (let x = -15; x < 15; x += 0.25) {
      const p = calibrate(x);
      expect(p).toBeGreaterThanOrEqual(last);
      expect(p).toBeLessThan(1);
      last = p;
    }
    expect(withPrior(0.8, 0.5)).toBeCloseTo(0.8, 10);
    expect(withPrior(0.8, 0.1)).toBeLessThan(0.4);
  });
});

describe('forecast', () => {
  const growth = watch({ hours: 14, mib: (h) => 200 + 15 * h, noiseMib: 2 }).verdict().growth!;

  it('meets the limit when the line does', () => {
    const { forecast: f } = forecast(growth, 500 * MIB);
    const hours = (f!.atMs - 1_700_000_000_000) / HOUR_MS;
    expect(hours).toBeCloseTo(20, 0);
    expect(f!.earliestMs).toBeLessThan(f!.atMs);
    expect(f!.latestMs).toBeGreaterThan(f!.atMs);
  });

  it('widens with the conformal factor, which misses raise and hits lower', () => {
    const conformal = createConformal();
    conformal.observe(false);
    expect(conformal.widen).toBeGreaterThan(1.15);
    for (let i = 0; i < 4; i++) conformal.observe(true);
    expect(conformal.widen).toBeCloseTo(1, 6);
    const width = (widen: number) => {
      const { forecast: f } = forecast(growth, 500 * MIB, widen);
      return f!.latestMs - f!.earliestMs;
    };
    expect(width(2)).toBeGreaterThan(1.8 * width(1));
    for (let i = 0; i < 1000; i++) conformal.observe(true);
    expect(conformal.widen).toBeGreaterThanOrEqual(0.25 - 1e-9);
  });

  it('says why there is none', () => {
    expect(forecast(null, 1e9)).toEqual({ forecast: null, reason: 'nothing grows' });
    expect(forecast(growth, Number.NaN).reason).toBe('the limit is not known');
    expect(forecast({ ...growth, ratePerHourBytes: -1 }, 1e9).forecast).toBeNull();
    expect(forecast({ ...growth, sinceMs: growth.atMs - 1000 }, 1e9).reason).toMatch(/less than an hour/);
  });

  it('is now when the limit is already behind', () => {
    expect(forecast(growth, 100 * MIB).forecast!.atMs).toBe(growth.atMs);
  });
});
