import fc from 'fast-check';
import { median } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { createPyramid } from '../../../src/detectors/window/pyramid.ts';
import { createRecordBets } from '../../../src/detectors/record-bets.ts';
import { createLoadModel } from '../../../src/detectors/window/load.ts';
import { medianInPlace, trend } from '../../../src/detectors/window/trend.ts';
import { noise } from './series.ts';

const fresh = () => ({ slope: 0, z: 0, mad: 0, dependence: 1 });

describe('trend', () => {
  it('finds the slope of a line whatever a fifth of outliers do', () => {
    const t = Float64Array.from({ length: 30 }, (_, i) => i);
    const x = t.map((v) => 5 + 2 * v + (v % 5 === 0 ? 500 : 0));
    const out = fresh();
    trend(t, x, 30, out);
    expect(out.slope).toBeCloseTo(2, 6);
  });

  it('agrees with a median over all pairs', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 5, maxLength: 32 }), (values) => {
        const n = values.length;
        const slopes: number[] = [];
        for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) slopes.push((values[j]! - values[i]!) / (j - i));
        slopes.sort((a, b) => a - b);
        const out = fresh();
        trend(
          Float64Array.from({ length: n }, (_, i) => i),
          Float64Array.from(values),
          n,
          out,
        );
        expect(out.slope).toBe(slopes[(slopes.length - 1) >> 1]);
      }),
    );
  });

  it('has a deviate of unit variance on white noise, and a smaller one on dependent noise than without correction', () => {
    const random = noise(7);
    const t = Float64Array.from({ length: 32 }, (_, i) => i);
    let squares = 0;
    let corrected = 0;
    let plain = 0;
    for (let run = 0; run < 400; run++) {
      const out = fresh();
      trend(
        t,
        t.map(() => random() + random()),
        32,
        out,
      );
      squares += out.z ** 2 / 400;
      let v = 0;
      trend(
        t,
        t.map(() => (v = 0.85 * v + random())),
        32,
        out,
      );
      corrected += out.z ** 2 / 400;
      plain += (out.z ** 2 * out.dependence) / 400;
    }
    expect(squares).toBeGreaterThan(0.7);
    expect(squares).toBeLessThan(1.3);
    expect(corrected).toBeLessThan(plain * 0.8);
  });

  it('selects medians like a sort does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 99 }),
        (values) => {
          const odd = values.length % 2 === 1 ? values : values.slice(0, -1);
          fc.pre(odd.length > 0);
          expect(medianInPlace(Float64Array.from(odd), odd.length)).toBe(median(odd));
        },
      ),
    );
  });
});

describe('pyramid', () => {
  it('keeps the mean of everything in its blocks, at every level', () => {
    const pyramid = createPyramid(1000, () => {});
    for (let t = 0; t < 32; t += 0.25) pyramid.push(t, t, 2 * t);
    pyramid.push(32, 0, 0);
    expect(pyramid.count(0)).toBe(32);
    expect(pyramid.mean(0, 3)).toBeCloseTo(3.375, 5);
    expect(pyramid.min(0, 3)).toBe(3);
    expect(pyramid.load(0, 3)).toBeCloseTo(6.75, 5);
    expect(pyramid.count(2)).toBe(8);
    expect(pyramid.mean(2, 0)).toBeCloseTo(1.875, 5);
    expect(pyramid.min(2, 1)).toBe(4);
  });

  it('leaves a gap out instead of filling it', () => {
    const pyramid = createPyramid(1000, () => {});
    for (const t of [0, 1, 2, 50, 51, 52]) pyramid.push(t, t, 0);
    expect(Array.from({ length: pyramid.count(0) }, (_, i) => pyramid.mean(0, i))).toEqual([0, 1, 2, 50, 51]);
  });

  it('tells the height of what its ring has forgotten', () => {
    const pyramid = createPyramid(1000, () => {});
    for (let t = 0; t < 100; t++) pyramid.push(t, t < 10 ? 1000 : 1, 0);
    expect(pyramid.forgottenMax(0)).toBe(1000);
    expect(pyramid.forgottenMax(4)).toBe(Number.NEGATIVE_INFINITY);
  });
});

describe('load model', () => {
  it('finds the bytes a unit of load holds, beside a leak and with a noisy load', () => {
    const model = createLoadModel();
    const random = noise(3);
    let load = 1;
    for (let i = 0; i < 200; i++) {
      load = Math.max(0.1, load + 0.3 * random());
      model.push(1000 + 70 * load + 5 * i, load + 0.05 * random(), 0.05 ** 2 / 3);
    }
    const out = { coefficient: 0, variance: 0 };
    model.estimate(out);
    expect(out.coefficient).toBeGreaterThan(63);
    expect(out.coefficient).toBeLessThan(77);
  });

  it('says nothing is known when load never moves', () => {
    const model = createLoadModel();
    for (let i = 0; i < 50; i++) model.push(i, 1, 0);
    const out = { coefficient: 1, variance: 1 };
    model.estimate(out);
    expect(out).toEqual({ coefficient: 0, variance: Number.POSITIVE_INFINITY });
  });
});

describe('record bets', () => {
  it('keep Ville’s promise on exchangeable noise: fewer than 1 in 20 ever reach 20', () => {
    const random = noise(11);
    let reached = 0;
    for (let life = 0; life < 1000; life++) {
      const bets = createRecordBets();
      let top = 0;
      for (let i = 0; i < 100; i++) {
        bets.push(random());
        top = Math.max(top, bets.logE);
      }
      if (top >= Math.log(20)) reached++;
    }
    expect(reached).toBeLessThan(50);
    expect(reached).toBeGreaterThan(0);
  });

  it('grow without bound on growth, also after a long flat start', () => {
    const random = noise(5);
    const bets = createRecordBets();
    for (let i = 0; i < 60; i++) bets.push(random());
    expect(bets.logE).toBeLessThan(3);
    for (let i = 0; i < 12; i++) bets.push(2 + i + random());
    expect(bets.logE).toBeGreaterThan(Math.log(1000));
  });
});
