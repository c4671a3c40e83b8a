/**
 * Fits the weights of src/detectors/score/likelihood.ts and the calibration map on the published, development and validation families
 * (never on the held-out ones): `npx tsx bench/leaks/fit.ts [seeds]`. Writes weights.ts; with `calibrate [seeds]`
 * calibration-map.ts from the weights that are there.
 *
 * Many looks at one trace, one label: multiple-instance learning. In turns, the look of each stretch that scores best under
 * the weights so far stands for it (6 h of a healthy trace; the first 4.5, 9, 18 h and all of a leaking one, so that early
 * finds count most), and a logistic regression with sign constraints is fitted to those.
 */
import { writeFile } from 'node:fs/promises';
import { createScales } from '../../src/detectors/window/scales.ts';
import { BLOCK_MS } from '../../src/detectors/define.ts';
import { TERMS } from '../../src/detectors/score/likelihood.ts';
import type { Trace } from './families/simulate.ts';
import { fitLogistic } from './logistic.ts';
import { traces } from './population.ts';

const K = TERMS.length;
/** Terms without a sign that reason gives. */
const FREE: ReadonlySet<string> = new Set(['intercept', 'long']);
const DEADLINES: readonly (readonly [hours: number, weight: number])[] = [
  [4.5, 0.4],
  [9, 0.2],
  [18, 0.15],
  [1e9, 0.25],
];
/** A false alarm costs as much as two misses: the goal is one in a hundred days. */
const HEALTHY_WEIGHT = 2;
const ROUNDS = 14;
const RIDGE = 0.3;

interface Looks {
  /** Index of the trace, seconds, then K terms averaged over two looks in a row. */
  rows: Float64Array[];
  traces: { leaky: boolean; onsetS: number }[];
}

/** Share of leaking processes by log-odds: isotonic regression (pool adjacent violators), both classes weighing alike. */
function isotonic(points: readonly (readonly [x: number, leaks: boolean])[]): [number, number][] {
  const leaking = points.filter(([, leaks]) => leaks).length;
  const pools: { x: number; weight: number; sum: number }[] = [];
  for (const [x, leaks] of [...points].sort((a, b) => a[0] - b[0])) {
    const weight = 1 / (leaks ? leaking : points.length - leaking);
    const last = pools[pools.length - 1];
    if (last !== undefined && Math.abs(last.x / last.weight - x) < 1e-9) {
      last.x += x * weight;
      last.weight += weight;
      last.sum += leaks ? weight : 0;
    } else pools.push({ x: x * weight, weight, sum: leaks ? weight : 0 });
    while (pools.length > 1) {
      const b = pools[pools.length - 1]!;
      const a = pools[pools.length - 2]!;
      if (a.sum / a.weight < b.sum / b.weight) break;
      pools.splice(-2, 2, { x: a.x + b.x, weight: a.weight + b.weight, sum: a.sum + b.sum });
    }
  }
  // Neighbours closer than .03 say the same; .995 is as sure as a few hundred traces can make one.
  const out: [number, number][] = [];
  for (const { x, weight, sum } of pools) {
    const p = Math.min(0.995, Math.max(0.005, sum / weight));
    const last = out[out.length - 1];
    if (last === undefined || p - last[1] >= 0.03) out.push([Number((x / weight).toFixed(2)), Number(p.toFixed(3))]);
  }
  return out;
}

/** Log-odds every 4 hours, and whether the process leaks then. */
function calibrationPoints(population: Iterable<Trace>): [number, boolean][] {
  const points: [number, boolean][] = [];
  for (const trace of population) {
    for (const withLoad of [true, false]) {
      const scales = createScales(BLOCK_MS.service);
      let next = 4 * 3600;
      for (let i = 0; i < trace.tS.length; i++) {
        const tS = trace.tS[i]!;
        const mb = trace.rssMb[i]! + (trace.swapMb?.[i] ?? 0);
        scales.push(tS, mb * 1048576, withLoad ? trace.load[i]! : null);
        if (tS < next) continue;
        next += 4 * 3600;
        points.push([scales.best().logOdds, trace.leaky && tS >= trace.onsetS]);
      }
    }
  }
  return points;
}

function collect(population: Iterable<Trace>, withLoad: boolean, into: Looks): void {
  for (const trace of population) {
    {
      const id = into.traces.length;
      into.traces.push({ leaky: trace.leaky, onsetS: trace.onsetS });
      const before = new Map<number, Float64Array>();
      const scales = createScales(BLOCK_MS.service, (level, tS, terms, unbroken) => {
        const last = before.get(level);
        if (unbroken && last !== undefined) {
          const row = new Float64Array(K + 2);
          row[0] = id;
          row[1] = tS;
          for (let i = 0; i < K; i++) row[i + 2] = (terms[i]! + last[i]!) / 2;
          into.rows.push(row);
        }
        before.set(level, Float64Array.from(terms));
      });
      for (let i = 0; i < trace.tS.length; i++) {
        const mb = trace.rssMb[i]! + (trace.swapMb?.[i] ?? 0);
        scales.push(trace.tS[i]!, mb * 1048576, withLoad ? trace.load[i]! : null);
      }
    }
  }
}

/** Best row of each group under the weights. */
function bestOf(
  rows: readonly Float64Array[],
  weights: Float64Array,
  group: (row: Float64Array) => string | null,
): Float64Array[] {
  const best = new Map<string, { row: Float64Array; score: number }>();
  for (const row of rows) {
    const key = group(row);
    if (key === null) continue;
    let score = 0;
    for (let i = 0; i < K; i++) score += weights[i]! * row[i + 2]!;
    const held = best.get(key);
    if (held === undefined || score > held.score) best.set(key, { row, score });
  }
  return [...best.values()].map(({ row }) => row);
}

function fit({ rows, traces: all }: Looks): Float64Array {
  const leaking = all.filter((t) => t.leaky).length;
  const healthy = all.length - leaking;
  // Start: every term with its sign counts 1.
  let weights: Float64Array = Float64Array.from(TERMS, (name) => (FREE.has(name) ? 0 : 1));
  for (let round = 0; round < ROUNDS; round++) {
    const x: Float64Array[] = [];
    const y: number[] = [];
    const w: number[] = [];
    const add = (chosen: readonly Float64Array[], label: number, weight: number): void => {
      for (const row of chosen) {
        x.push(row.subarray(2));
        y.push(label);
        w.push(weight);
      }
    };
    const isLeaking = (row: Float64Array): boolean => all[row[0]!]!.leaky && row[1]! >= all[row[0]!]!.onsetS;
    add(
      bestOf(rows, weights, (row) => (isLeaking(row) ? null : `${row[0]}:${Math.floor(row[1]! / 21_600)}`)),
      0,
      HEALTHY_WEIGHT / healthy,
    );
    for (const [hours, weight] of DEADLINES) {
      const inTime = (row: Float64Array): string | null =>
        isLeaking(row) && row[1]! - all[row[0]!]!.onsetS <= hours * 3600 ? `${row[0]}` : null;
      add(bestOf(rows, weights, inTime), 1, weight / leaking);
    }
    const next = fitLogistic(
      x,
      y,
      w,
      TERMS.map((name) => !FREE.has(name)),
      RIDGE,
      round === 0 ? null : weights,
    );
    weights = round === 0 ? next : weights.map((v, i) => 0.5 * v + 0.5 * next[i]!);
  }
  return weights;
}

if (process.argv[2] === 'calibrate') {
  const n = Number(process.argv[3] ?? 12);
  const map = isotonic([
    ...calibrationPoints(traces('published', n, 100)),
    ...calibrationPoints(traces('development', n, 100)),
    ...calibrationPoints(traces('validation', n, 100)),
  ]);
  console.log(map);
  await writeFile(
    'src/detectors/score/calibration-map.ts',
    `/** Written by bench/leaks/fit.ts: log-odds → share of leaking processes (isotonic regression). */
export const CALIBRATION: readonly (readonly [number, number])[] = ${JSON.stringify(map)};
`,
  );
  process.exit(0);
}

const seeds = Number(process.argv[2] ?? 20);
const lines: string[] = [];
for (const withLoad of [true, false]) {
  const looks: Looks = { rows: [], traces: [] };
  // Seeds from 100 on; the bench measures on others.
  collect(traces('published', seeds, 100), withLoad, looks);
  collect(traces('development', seeds, 100), withLoad, looks);
  collect(traces('validation', seeds, 100), withLoad, looks);
  console.log(`${withLoad ? 'load' : 'blind'}: ${looks.traces.length} traces, ${looks.rows.length} looks`);
  const weights = fit(looks);
  TERMS.forEach((name, i) => console.log(name.padEnd(16), weights[i]!.toFixed(2)));
  lines.push(`  ${withLoad ? 'load' : 'blind'}: [${[...weights].map((v) => Number(v.toFixed(3))).join(', ')}],`);
}
await writeFile(
  'src/detectors/score/weights.ts',
  `/** Written by bench/leaks/fit.ts: weights of the terms in likelihood.ts, with a load signal and without. */
export const WEIGHTS: Readonly<Record<'load' | 'blind', readonly number[]>> = {
${lines.join('\n')}
};
`,
);
