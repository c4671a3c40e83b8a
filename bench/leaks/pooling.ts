import { createFleet, createLeakDetector } from '../../src/detectors/index.ts';
import { DEVELOPMENT } from './families/development.ts';
import { HELD_OUT } from './families/heldout.ts';
import { simulate, type Family } from './families/simulate.ts';
import { VALIDATION } from './families/validation.ts';

const MB = 1048576;
const REVIEW_S = 1800;

export interface PoolFigures {
  readonly groups: number;
  /** Groups of which the first copy, judged alone, was called leaking. */
  readonly alone: number;
  /** Groups of which any copy was called leaking by its own curve. */
  readonly any: number;
  /** Groups of which a copy that does not leak fast was judged one step worse because of the others. */
  readonly pooled: number;
}

/** MB an hour of a copy that leaks fast, by seed, and hours until it begins. */
const FAST_RATES = [8, 16, 32, 64];
const FAST_ONSETS = [0, 6, 12];

/**
 * Copies of one program side by side for 48 h: what pooling them finds beyond each by itself. Fewer than 20: no e-BH.
 * `fast`: so many of them, the last, leak fast beside what their family does.
 */
export function measurePooling(
  names: readonly string[],
  copies: number,
  seeds: number,
  firstSeed: number,
  fast = 0,
): PoolFigures {
  const families: Readonly<Record<string, Family>> = { ...DEVELOPMENT, ...VALIDATION, ...HELD_OUT };
  let groups = 0;
  let alone = 0;
  let any = 0;
  let pooled = 0;
  for (const name of names) {
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      const traces = Array.from({ length: copies }, (_, i) => simulate(name, families[name]!, seed, 48, i + 1));
      const healthy = copies - fast;
      const rate = FAST_RATES[seed % FAST_RATES.length]!;
      const onset = FAST_ONSETS[seed % FAST_ONSETS.length]!;
      const fleet = createFleet();
      const detectors = traces.map(() => createLeakDetector());
      const said = { alone: false, any: false, pooled: false };
      const samples = Math.min(...traces.map((t) => t.tS.length));
      let next = REVIEW_S;
      for (let k = 0; k < samples; k++) {
        traces.forEach((trace, i) => {
          const leaked = i < healthy ? 0 : rate * Math.max(0, trace.tS[k]! / 3600 - onset);
          const sample = {
            tMs: trace.tS[k]! * 1000,
            rssBytes: (trace.rssMb[k]! + (trace.swapMb?.[k] ?? 0) + leaked) * MB,
            cpuRatio: trace.load[k]!,
          };
          detectors[i]!.push(sample);
          fleet.observe(name, `${i}`, sample);
        });
        if (traces[0]!.tS[k]! < next) continue;
        next += REVIEW_S;
        const members = detectors.map((d, i) => ({ id: `${i}`, role: name, program: name, finding: d.verdict() }));
        for (const { id, verdict } of fleet.review(members).values()) {
          const own = members[Number(id)]!.finding.verdict;
          if (Number(id) >= healthy) continue;
          if (own === 'leaking') said.any = true;
          if (own === 'leaking' && id === '0') said.alone = true;
          if (verdict !== own) said.pooled = true;
        }
      }
      groups++;
      if (said.alone) alone++;
      if (said.any) any++;
      if (said.pooled) pooled++;
    }
  }
  return { groups, alone, any, pooled };
}

/** Healthy families of all sets that may be fitted on. */
export const HEALTHY_FAMILIES = Object.keys({ ...DEVELOPMENT, ...VALIDATION, ...HELD_OUT }).filter((n) =>
  n.startsWith('h_'),
);
