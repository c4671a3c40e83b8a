import { createConformal } from '../../limits/forecast.ts';
import type {
  ExpectedEffect,
  ForgetOrder,
  LearnedEffect,
  LearnedQuery,
  LearnedThreshold,
  Observation,
  Outcome,
} from '../../model/index.ts';
import { ageTo, learn, measured, newCell, type Cell } from './cell.ts';
import { effective } from './moments.ts';
import { posterior, type Case, type Posterior } from './posterior.ts';
import { EFFECT_PRIORS } from './prior.ts';
import { quantile } from './student.ts';
import { observeUsual, openUsual, thresholdsOf, type UsualState } from './thresholds.ts';

export { choose, danger, objection, price, RISK_PRICE } from './choose.ts';
export type { Cell } from './cell.ts';
export type { Case, Posterior } from './posterior.ts';

/** Everything that was learned, as plain data. */
export interface LearnedState {
  readonly version: 1;
  readonly cells: readonly Cell[];
  /** Factor of the width of intervals, from how many of them held. */
  readonly widen: number;
  /** Ids of the last outcomes: heard twice, one counts once. */
  readonly seen: readonly string[];
  readonly usual: UsualState;
}

export const NOTHING_LEARNED: LearnedState = {
  version: 1,
  cells: [],
  widen: 1,
  seen: [],
  usual: { atMs: 0, roles: [] },
};

/** Learning from outcomes, and from what is usual. Pure: the time comes with what it is told. */
export interface Learning {
  /** False: refused, already known, or not fit to learn from. */
  learn(outcome: Outcome): boolean;
  /** What is believed of the effect, as shares of the target's footprint. */
  posterior(of: Case, nowMs: number): Posterior;
  /** The same in bytes for a target of this size; null before the first outcome. */
  expected(of: Case, sizeBytes: number, nowMs: number): ExpectedEffect;
  effects(query: LearnedQuery, nowMs: number): LearnedEffect[];
  observe(observation: Observation): void;
  /** What is usual for each role, or for one; empty where too few looks were taken. */
  thresholds(role?: string): LearnedThreshold[];
  /** How many estimates were dropped. */
  forget(order: ForgetOrder): number;
  state(): LearnedState;
}

/** Share of intervals that are to hold. */
export const CONFIDENCE = 0.8;
const UPPER = (1 + CONFIDENCE) / 2;
/** Cases beyond this are forgotten, the longest unused first: 1,000 are about half a megabyte on disk. */
const MAX_CELLS = 1_000;
const MAX_SEEN = 256;

export function createLearning(state: LearnedState = NOTHING_LEARNED): Learning {
  const copy = structuredClone(state);
  let cells: Cell[] = [...copy.cells];
  let seen: string[] = [...copy.seen];
  const conformal = createConformal(copy.widen);
  const usual = openUsual(copy.usual);

  const find = ({ action, finding, role }: Case): Cell | undefined =>
    cells.find((cell) => cell.action === action && cell.finding === finding && cell.role === role);

  const believe = (of: Case, nowMs: number): Posterior => {
    const own = find(of);
    if (own === undefined) return posterior(cells, of);
    const aged = structuredClone(own);
    ageTo(aged, nowMs);
    return posterior([...cells.filter((cell) => cell !== own), aged], of);
  };

  /** Half-width of the interval of the next single outcome. */
  const reach = ({ dof, variance, scatter }: Posterior): number =>
    quantile(UPPER, dof) * Math.sqrt(variance + scatter) * conformal.widen;

  const effectOf = (cell: Cell, nowMs: number): LearnedEffect => {
    const now = believe(cell, nowMs);
    const size = cell.size.weight > 0 ? cell.size.mean : null;
    const width = quantile(UPPER, now.dof) * Math.sqrt(now.variance);
    const bytes = (share: number): number | null => (size === null ? null : Math.round(share * size));
    return {
      action: cell.action,
      finding: cell.finding,
      role: cell.role,
      outcomes: cell.outcomes,
      weight: effective(cell.effect),
      meanBytes: bytes(now.mean),
      lowBytes: bytes(now.mean - width),
      highBytes: bytes(now.mean + width),
      nextLowBytes: bytes(now.mean - reach(now)),
      nextHighBytes: bytes(now.mean + reach(now)),
      helps: now.helps,
      harms: now.damages,
      lastAtMs: cell.lastAtMs,
      results: { ...cell.results },
      reason: reasonOf(cell, now),
    };
  };

  return {
    learn: (outcome) => {
      if (outcome.result === 'refused' || seen.includes(outcome.id)) return false;
      if (!Number.isFinite(outcome.endedAtMs) || EFFECT_PRIORS[outcome.action] === undefined) return false;
      seen = [...seen, outcome.id].slice(-MAX_SEEN);
      const before = believe(outcome, outcome.endedAtMs);
      const figures = measured(outcome, before.scatter);
      if (figures !== null && before.own > 0) {
        conformal.observe(Math.abs(figures.share - before.mean) <= reach(before));
      }
      const cell = find(outcome) ?? newCell(outcome);
      learn(cell, outcome, figures, before.mean, Math.sqrt(before.variance + before.scatter));
      // The newest is last: what is beyond the limit falls off at the front.
      cells = [...cells.filter((one) => one !== cell), cell].slice(-MAX_CELLS);
      return true;
    },
    posterior: believe,
    expected: (of, sizeBytes, nowMs) => {
      const now = believe(of, nowMs);
      const basedOn = now.own + now.others;
      if (basedOn === 0) {
        return {
          bytes: null,
          lowBytes: null,
          highBytes: null,
          confidence: null,
          basedOn,
          reason: 'no outcome of it was measured yet',
        };
      }
      const bytes = (share: number): number => Math.round(Math.min(1, share) * sizeBytes);
      return {
        bytes: bytes(now.mean),
        lowBytes: bytes(now.mean - reach(now)),
        highBytes: bytes(now.mean + reach(now)),
        confidence: CONFIDENCE,
        basedOn,
        reason:
          now.own > 0
            ? `measured on ${times(now.own)} of this very case`
            : `measured on ${times(now.others)} of other roles or findings, none of this one`,
      };
    },
    effects: ({ role, action }, nowMs) =>
      cells
        .filter((cell) => (role ?? cell.role) === cell.role && (action ?? cell.action) === cell.action)
        .map((cell) => effectOf(cell, nowMs))
        .toSorted((a, b) => (b.lowBytes ?? -Infinity) - (a.lowBytes ?? -Infinity)),
    observe: (observation) => observeUsual(usual, observation),
    thresholds: (role) => thresholdsOf(usual, role),
    forget: ({ role, action }) => {
      const kept = cells.filter(
        (cell) => (role !== undefined && cell.role !== role) || (action !== undefined && cell.action !== action),
      );
      let forgotten = cells.length - kept.length;
      cells = kept;
      if (action === undefined) {
        for (const name of usual.roles.keys()) {
          if (role !== undefined && role !== name) continue;
          usual.roles.delete(name);
          forgotten += 1;
        }
      }
      return forgotten;
    },
    state: () =>
      structuredClone({
        version: 1,
        cells,
        widen: conformal.widen,
        seen,
        usual: { atMs: usual.atMs, roles: [...usual.roles.values()] },
      }),
  };
}

const times = (count: number): string => (count === 1 ? '1 outcome' : `${count} outcomes`);

function reasonOf(cell: Cell, { mean, own, others }: Posterior): string {
  if (cell.effect.weight === 0) return `${times(own)}, none of them measured in bytes`;
  const leaning = others === 0 ? '' : `, leaning on ${times(others)} elsewhere`;
  return `${Math.round(mean * 100)} % of the footprint by ${times(own)}${leaning}`;
}
