import type { ActionName } from '../../model/index.ts';
import type { Cell } from './cell.ts';
import { effective, freedom, variance } from './moments.ts';
import { newSibling, type Estimate } from './pool.ts';
import {
  BETWEEN_SHARE,
  BETWEEN_STRENGTH,
  EFFECT_PRIORS,
  DAMAGE_PRIOR,
  HELP_PRIOR,
  SCATTER_STRENGTH,
  WORDS_STRENGTH,
} from './prior.ts';

/** One action, what was found of the target, and what runs there. */
export interface Case {
  readonly action: ActionName;
  readonly finding: string;
  readonly role: string;
}

/** What is believed of the effect, as a share of the footprint. */
export interface Posterior {
  /** Of the mean effect: normal with Student's t tails. */
  readonly mean: number;
  readonly variance: number;
  /** Of single outcomes about the mean. */
  readonly scatter: number;
  readonly dof: number;
  readonly helps: number;
  readonly damages: number;
  /** Mean of the last handful of outcomes; null: too few. */
  readonly recent: number | null;
  /** Outcomes of this very case that still count, after forgetting. */
  readonly evidence: number;
  /** Outcomes of this very case ever, and of others that it leans on. */
  readonly own: number;
  readonly others: number;
}

/** Fewer than three say more of chance than of a change. */
const MIN_RECENT = 3;

/**
 * The posterior of a case. Its prior is what the same action did on the same kind of finding in other roles; that leans
 * on other kinds of finding, and that on the table of `prior.ts`. The case itself is left out of its own prior.
 */
export function posterior(cells: readonly Cell[], { action, finding, role }: Case): Posterior {
  const same = cells.filter((cell) => cell.action === action);
  const own = same.find((cell) => cell.finding === finding && cell.role === role) ?? null;
  const others = same.filter((cell) => cell !== own);
  const measuredOthers = others.filter(({ effect }) => effect.weight > 0);
  const scatterPrior = pooledScatter(measuredOthers, EFFECT_PRIORS[action].deviation ** 2);
  const prior = priorOf(measuredOthers, action, finding, scatterPrior);
  const { helps, damages } = words(own, others, finding);
  const recent = own !== null && effective(own.recent) >= MIN_RECENT ? own.recent.mean : null;
  const base = {
    helps,
    damages,
    recent,
    evidence: own === null ? 0 : effective(own.effect),
    own: own?.outcomes ?? 0,
    others: others.reduce((total, one) => total + one.outcomes, 0),
  };
  if (own === null || own.effect.weight === 0) {
    return { ...base, mean: prior.mean, variance: prior.variance, scatter: scatterPrior, dof: SCATTER_STRENGTH };
  }
  const ownFreedom = freedom(own.effect);
  const scatter =
    (SCATTER_STRENGTH * scatterPrior + ownFreedom * (variance(own.effect) ?? 0)) / (SCATTER_STRENGTH + ownFreedom);
  const precision = effective(own.effect) / scatter;
  const total = 1 / prior.variance + precision;
  return {
    ...base,
    mean: (prior.mean / prior.variance + own.effect.mean * precision) / total,
    variance: 1 / total,
    scatter,
    dof: SCATTER_STRENGTH + ownFreedom,
  };
}

function priorOf(others: readonly Cell[], action: ActionName, finding: string, scatter: number): Estimate {
  const { mean, deviation } = EFFECT_PRIORS[action];
  const table = { mean, variance: deviation ** 2 };
  const between = (BETWEEN_SHARE * deviation) ** 2;
  const findings = new Map<string, Cell[]>();
  for (const cell of others) {
    const group = findings.get(cell.finding);
    if (group === undefined) findings.set(cell.finding, [cell]);
    else group.push(cell);
  }
  const siblings: Estimate[] = [];
  for (const [name, group] of findings) {
    if (name !== finding) siblings.push(newSibling(estimates(group, scatter), table, between, BETWEEN_STRENGTH));
  }
  const parent = siblings.length === 0 ? table : newSibling(siblings, table, between, BETWEEN_STRENGTH);
  return newSibling(estimates(findings.get(finding) ?? [], scatter), parent, between, BETWEEN_STRENGTH);
}

function estimates(cells: readonly Cell[], scatter: number): Estimate[] {
  return cells.map(({ effect }) => ({ mean: effect.mean, variance: scatter / effective(effect) }));
}

/**
 * Scatter inside the other cases of this action, with the table's width as prior: a geometric mean, since some roles
 * scatter ten times as much as others and one of those must not blur all. exp(1/ν) takes out what the logarithm of a
 * variance with ν degrees of freedom is too small by (log χ²).
 */
function pooledScatter(others: readonly Cell[], prior: number): number {
  let logs = SCATTER_STRENGTH * Math.log(prior);
  let total = SCATTER_STRENGTH;
  for (const { effect } of others) {
    const own = variance(effect);
    const dof = freedom(effect);
    if (own === null || dof < 1) continue;
    // Nothing scatters less than the smallest figure that is told apart.
    logs += dof * (Math.log(Math.max(own, 1e-6)) + 1 / dof);
    total += dof;
  }
  return Math.exp(logs / total);
}

/** Dirichlet means of the runner's words; in the prior each other role counts once. */
function words(own: Cell | null, others: readonly Cell[], finding: string): { helps: number; damages: number } {
  const heard = others.filter((cell) => cell.finding === finding && count(cell) > 0);
  const siblings = heard.length > 0 ? heard : others.filter((cell) => count(cell) > 0);
  const prior = (pick: (cell: Cell) => number, before: number): number =>
    (WORDS_STRENGTH * before + siblings.reduce((total, cell) => total + (before + pick(cell)) / (1 + count(cell)), 0)) /
    (WORDS_STRENGTH + siblings.length);
  const mean = (pick: (cell: Cell) => number, before: number): number => {
    const expected = prior(pick, before);
    return own === null ? expected : (WORDS_STRENGTH * expected + pick(own)) / (WORDS_STRENGTH + count(own));
  };
  return { helps: mean(({ helped }) => helped, HELP_PRIOR), damages: mean(({ damaged }) => damaged, DAMAGE_PRIOR) };
}

const count = ({ helped, neither, damaged }: Cell): number => helped + neither + damaged;
