import type { LeakFinding, LeakVerdict } from '../model/index.ts';
import { withPrior } from './calibration.ts';

interface FleetMember {
  readonly id: string;
  /** What kind of process: its command, or server name. Experience is kept per role. */
  readonly role: string;
  readonly finding: LeakFinding;
}

export interface FleetVerdict {
  readonly id: string;
  /** The process's own verdict, or 'suspected' where the fleet's control holds a 'leaking' back. */
  readonly verdict: LeakVerdict;
  /** The score under the role's share of leaks. */
  readonly score: number | null;
  readonly rolePrior: number;
  /** Whether e-BH selects it at the fleet's level. */
  readonly selected: boolean;
  readonly reason: string;
}

interface Fleet {
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
  /** At most so many roles are remembered; the longest unused goes first. Default 1000. */
  readonly maxRoles?: number;
  readonly roles?: readonly RoleExperience[];
}

/** Prior belief worth two lives, one of them leaking: the half that scores are calibrated for. */
const PRIOR_LIVES = 2;
const PRIOR_LEAKS = 1;
/** Experience may sway, not decide: with five lives of one kind the share stays within these. */
const MIN_PRIOR = 0.1;
const MAX_PRIOR = 0.9;
/** Below this size a fleet is a handful that a person looks at one by one; each verdict stands for itself. */
const MIN_FLEET = 20;

/**
 * Control over many processes: e-BH (Wang & Ramdas, JRSS-B 2022) on the e-values of the record test, valid under any
 * dependence between processes, and a prior per role carried across restarts (Beta-binomial).
 */
export function createFleet(options: FleetOptions = {}): Fleet {
  const level = options.falseDiscoveryRate ?? 0.05;
  const maxRoles = options.maxRoles ?? 1000;
  const known = new Map<string, { lives: number; leaks: number }>();
  for (const { role, lives, leaks } of options.roles ?? []) known.set(role, { lives, leaks });

  const rolePrior = (role: string): number => {
    const seen = known.get(role);
    if (seen === undefined) return PRIOR_LEAKS / PRIOR_LIVES;
    const share = (seen.leaks + PRIOR_LEAKS) / (seen.lives + PRIOR_LIVES);
    return Math.min(MAX_PRIOR, Math.max(MIN_PRIOR, share));
  };

  return {
    rolePrior,
    review(members) {
      const selected = eBenjaminiHochberg(members, level);
      const out = new Map<string, FleetVerdict>();
      for (const { id, role, finding } of members) {
        const prior = rolePrior(role);
        const isSelected = selected.has(id);
        const held = finding.verdict === 'leaking' && members.length >= MIN_FLEET && !isSelected;
        out.set(id, {
          id,
          verdict: held ? 'suspected' : finding.verdict,
          score: finding.score === null ? null : withPrior(finding.score, prior),
          rolePrior: prior,
          selected: isSelected,
          reason: held ? `held back: among ${members.length} processes this much growth may be chance` : finding.reason,
        });
      }
      return out;
    },
    ended(role, finding) {
      if (finding.peakScore === null) return;
      const seen = known.get(role) ?? { lives: 0, leaks: 0 };
      known.delete(role);
      known.set(role, { lives: seen.lives + 1, leaks: seen.leaks + finding.peakScore });
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
