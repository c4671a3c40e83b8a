import type { Risk } from '../../model/index.ts';
import type { Posterior } from './posterior.ts';
import { cumulative, quantile } from './student.ts';

/**
 * Which action automation takes: Thompson sampling (Thompson 1933; Agrawal & Goyal 2013) among those that pass a
 * constraint on harm. Doing nothing is always one of the choices.
 */

/**
 * Price of an action whatever it does, as a share of the target: a pause costs little, what ends must be started again and
 * may lose work.
 */
export const RISK_PRICE: Readonly<Record<Risk, number>> = { none: 0, low: 0.005, medium: 0.02, high: 0.05 };
/** A damaged target costs half of it again: it must be started anew. */
const DAMAGE_PRICE = 0.5;
/** Beyond this chance of damage automation does not act: one damaged target among five is enough. */
const MAX_DAMAGE = 0.2;
/**
 * Nor where an effect below zero is likelier than this: what was never tried passes, so that everything gets a chance, but
 * each try that proves nothing takes a fifth of the allowance away, down to even odds. Set on made-up machines of
 * bench/learning (seeds from 100) so that no harmful action gets 1 % of the choices.
 */
const MAX_WRONG_UNTRIED = 0.95;
const MAX_WRONG_TRIED = 0.5;
const maxWrong = (tries: number): number => MAX_WRONG_TRIED + (MAX_WRONG_UNTRIED - MAX_WRONG_TRIED) * 0.8 ** tries;

export interface Choice<T> {
  readonly item: T;
  readonly risk: Risk;
  /** Footprint of the target. */
  readonly sizeBytes: number;
  readonly posterior: Posterior;
}

/** As a share of the target. */
export function price({ damages }: Posterior, risk: Risk): number {
  return RISK_PRICE[risk] + damages * DAMAGE_PRICE;
}

/** Why automation does not do it for whatever purpose; null: it does no harm, as far as is known. */
export function danger({ damages }: Posterior): string | null {
  return damages > MAX_DAMAGE ? `its chance to damage the target is ${Math.round(damages * 100)} %` : null;
}

/** Why automation does not do it to save memory; null: it may be taken. */
export function objection(posterior: Posterior): string | null {
  const harm = danger(posterior);
  if (harm !== null) return harm;
  if (posterior.recent !== null && posterior.recent < 0) return 'it used more memory than it saved the last times';
  const wrong = cumulative(-posterior.mean / Math.sqrt(posterior.variance), posterior.dof);
  if (wrong > maxWrong(posterior.evidence))
    return `it uses more memory than it saves, ${Math.round(wrong * 100)} % sure`;
  return null;
}

/** The choice; null: to do nothing is best. `random` gives numbers in [0, 1). */
export function choose<T>(choices: readonly Choice<T>[], random: () => number): Choice<T> | null {
  let best: Choice<T> | null = null;
  let bestScore = 0;
  for (const choice of choices) {
    const { posterior, risk, sizeBytes } = choice;
    if (objection(posterior) !== null) continue;
    // Away from 0 and 1, where the quantile has no value.
    const u = 1e-6 + (1 - 2e-6) * random();
    const draw = posterior.mean + quantile(u, posterior.dof) * Math.sqrt(posterior.variance);
    const score = (draw - price(posterior, risk)) * sizeBytes;
    if (score > bestScore) {
      best = choice;
      bestScore = score;
    }
  }
  return best;
}
