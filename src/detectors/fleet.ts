import type { DetectorSample, LeakFinding, LeakVerdict } from '../model/index.ts';
import { BASE_RATE, calibrate, withPrior } from './score/calibration.ts';
import { LEAKING_LOG_ODDS } from './sustained-growth.ts';
import { createPool } from './pool.ts';

interface FleetMember {
  readonly id: string;
  /** What kind of process: its command, or server name. Experience is kept per role. */
  readonly role: string;
  /** As it was observed under; left out: it has no copies. */
  readonly program?: string | null;
  readonly finding: LeakFinding;
}

export interface FleetVerdict {
  readonly id: string;
  /**
   * The process's own verdict; 'suspected' where the fleet's control holds a 'leaking' back; one step worse where the live
   * copies of its command leak together.
   */
  readonly verdict: LeakVerdict;
  /** Probability that it leaks now: the finding's score (calibrated for even odds) under the role's share of leaks. */
  readonly score: number | null;
  /** Share of this role's processes that leak: the base rate, moved by the lives that have ended. */
  readonly rolePrior: number;
  /** Whether e-BH selects it at the fleet's level. */
  readonly selected: boolean;
  readonly reason: string;
}

interface Fleet {
  /**
   * A sample that its detector got as well, so that live copies of one program can be judged together (pool.ts). A program is
   * more than a role: what really is the same command.
   */
  observe(program: string, id: string, sample: DetectorSample): void;
  /** It ended, or is another program now. */
  left(program: string, id: string): void;
  /** Judges all processes together. */
  review(members: readonly FleetMember[]): ReadonlyMap<string, FleetVerdict>;
  /** A process ended: its last finding teaches the prior of its role, for the next life of the same command. */
  ended(role: string, finding: LeakFinding): void;
  rolePrior(role: string): number;
  /** Roles remembered, to be stored and given back to `createFleet`. */
  roles(): readonly RoleExperience[];
}

export interface RoleExperience {
  readonly role: string;
  readonly lives: number;
  readonly leaks: number;
}

export interface FleetOptions {
  /** Share of false ones among the selected, in expectation. Default .05. */
  readonly falseDiscoveryRate?: number;
  /** Share of leaking processes among roles of which nothing is known. Default `BASE_RATE`, .05. */
  readonly baseRate?: number;
  /** At most so many roles are remembered; the longest unused goes first. Default 1000. */
  readonly maxRoles?: number;
  readonly roles?: readonly RoleExperience[];
}

/** The base rate weighs as much as two ended lives. */
const PRIOR_LIVES = 2;
const ALARM_SCORE = calibrate(LEAKING_LOG_ODDS);
/** Experience may sway, not decide: however many lives were of one kind, the share stays within these. */
const MIN_PRIOR = 0.01;
const MAX_PRIOR = 0.9;
/** One step worse. A copy that shows nothing by itself is only suspected: the others may carry the leak. */
const WORSE = { clear: 'suspected', suspected: 'leaking', leaking: 'leaking' } as const;
/** Below this size a fleet is a handful that a person looks at one by one; each verdict stands for itself. */
const MIN_FLEET = 20;

/**
 * Control over many processes: e-BH (Wang & Ramdas, JRSS-B 2022) on the e-values of the record test, valid under any
 * dependence between processes, and a prior per role carried across restarts (Beta-binomial).
 */
export function createFleet(options: FleetOptions = {}): Fleet {
  const level = options.falseDiscoveryRate ?? 0.05;
  const baseRate = options.baseRate ?? BASE_RATE;
  const maxRoles = options.maxRoles ?? 1000;
  const known = new Map<string, { lives: number; leaks: number }>();
  for (const { role, lives, leaks } of options.roles ?? []) known.set(role, { lives, leaks });
  const pools = new Map<string, ReturnType<typeof createPool>>();

  const rolePrior = (role: string): number => {
    const seen = known.get(role);
    if (seen === undefined) return baseRate;
    const share = (seen.leaks + PRIOR_LIVES * baseRate) / (seen.lives + PRIOR_LIVES);
    return Math.min(MAX_PRIOR, Math.max(MIN_PRIOR, share));
  };

  return {
    rolePrior,
    review(members) {
      const selected = eBenjaminiHochberg(members, level);
      const pooled = new Map<string, LeakFinding | null>();
      for (const [program, pool] of pools) pooled.set(program, pool.verdict());
      const out = new Map<string, FleetVerdict>();
      for (const { id, role, program, finding } of members) {
        const prior = rolePrior(role);
        const isSelected = selected.has(id);
        const pool = program == null ? undefined : pools.get(program);
        const together = pool?.has(id) === true ? (pooled.get(program!) ?? null) : null;
        // Whose own growth is not alive is no evidence of a leak, whatever its copies do.
        const isOpen = finding.verdict !== 'insufficient-data' && finding.confirmation !== 'cleared';
        const leakTogether = together?.verdict === 'leaking' && isOpen;
        // Chance makes no live set grow along with memory.
        const isSure = isSelected || leakTogether || finding.confirmation === 'confirmed';
        const held = finding.verdict === 'leaking' && members.length >= MIN_FLEET && !isSure;
        const own = finding.score;
        const score = leakTogether && own !== null ? Math.max(own, together.score ?? 0) : own;
        out.set(id, {
          id,
          verdict: held ? 'suspected' : leakTogether ? WORSE[finding.verdict] : finding.verdict,
          score: score === null ? null : withPrior(score, prior),
          rolePrior: prior,
          selected: isSelected,
          reason: held
            ? `held back: among ${members.length} processes this much growth may be chance`
            : leakTogether && finding.verdict !== 'leaking'
              ? `what ${pool!.size} live copies have in common leaks: ${together.reason}`
              : finding.reason,
        });
      }
      return out;
    },
    observe(program, id, sample) {
      let pool = pools.get(program);
      if (pool === undefined) pools.set(program, (pool = createPool()));
      pool.push(id, sample);
    },
    left(program, id) {
      const pool = pools.get(program);
      pool?.end(id);
      if (pool?.empty === true) pools.delete(program);
    },
    ended(role, finding) {
      if (finding.peakScore === null) return;
      // A peak is the highest of many looks: only one that was an alarm counts, under what was believed of the role so far.
      const leaked = finding.peakScore >= ALARM_SCORE ? withPrior(finding.peakScore, rolePrior(role)) : 0;
      const seen = known.get(role) ?? { lives: 0, leaks: 0 };
      known.delete(role);
      known.set(role, { lives: seen.lives + 1, leaks: seen.leaks + leaked });
      if (known.size > maxRoles) known.delete(known.keys().next().value!);
    },
    roles: () => [...known].map(([role, { lives, leaks }]) => ({ role, lives, leaks })),
  };
}

/** Ids selected: the k with the largest e-values, for the largest k with e₍k₎ ≥ N / (k·α). */
function eBenjaminiHochberg(members: readonly FleetMember[], level: number): ReadonlySet<string> {
  const sorted = [...members].sort((a, b) => b.finding.logEValue - a.finding.logEValue);
  let count = 0;
  for (let k = 1; k <= sorted.length; k++) {
    if (sorted[k - 1]!.finding.logEValue >= Math.log(sorted.length / (k * level))) count = k;
  }
  return new Set(sorted.slice(0, count).map((m) => m.id));
}
