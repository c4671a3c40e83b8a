import type { ActionParameters, ActionPlan, ActionRequest, Outcome } from '../../model/index.ts';
import type { CliContext } from './command.ts';
import { EXIT } from './exit.ts';
import { outcomeLines, planLines } from './present/action.ts';
import { line } from './present/line.ts';
import { toJson } from './present/safe.ts';
import { using } from './session.ts';
import type { Terminal } from './terminal.ts';
import { watched } from './ticket.ts';

/** A plan, and what came of it; null: it was only shown, or refused. */
interface Deed {
  readonly plan: ActionPlan;
  readonly outcome: Outcome | null;
}

export interface Order {
  readonly requests: readonly Pick<ActionRequest, 'action' | 'target' | 'parameters'>[];
  /** Do it; else only show what would happen. */
  readonly go: boolean;
  /** What makes it happen, for whoever only sees the plan. */
  readonly how: string;
  /** What to say when there is nothing of the kind; left out: the plan's own words. */
  readonly nothing?: string;
}

export const NOT_ALL = 1;

export const JSON_FORM =
  '{plans[], outcomes[]}: each ActionPlan {action, risk, targets[] {process, steps, evidence, refusal}, refusal, summary} and each Outcome {result, reclaimedBytes, counterfactualBytes, targets[], summary}.';

export const GO_ARGS = {
  yes: { type: 'boolean', alias: 'y', description: 'Do it; without this, only show what would happen' },
} as const;

export const DRY_ARGS = {
  'dry-run': { type: 'boolean', alias: 'n', description: 'Only show what would happen' },
} as const;

/** Plans each request, does it when that is wanted, and prints both. Answers with the exit code. */
export function carryOut(order: Order, { deps, terminal, json }: CliContext): Promise<number> {
  return using(deps.ensureService(), async (rampart) => {
    const deeds: Deed[] = [];
    for (const each of order.requests) {
      const plan = await rampart.planAction({ ...each, origin: 'user', callerPid: process.pid });
      // One of two groups that is empty is no news; both are one sentence.
      const isQuiet = order.nothing !== undefined && isEmpty(plan);
      if (!json && !isQuiet) terminal.print(planLines(plan, options(terminal), order.go ? null : order.how));
      const { token } = plan;
      const outcome =
        order.go && token !== null
          ? await watched(rampart, json ? null : terminal, (ticket) => rampart.applyAction({ token, ticket }))
          : null;
      if (outcome !== null && !json) terminal.print(outcomeLines(outcome, options(terminal)));
      deeds.push({ plan, outcome });
    }
    if (!json && order.nothing !== undefined && deeds.every(({ plan }) => isEmpty(plan))) {
      terminal.print([line(order.nothing)]);
    }
    if (json) {
      const outcomes = deeds.flatMap(({ outcome }) => (outcome === null ? [] : [outcome]));
      terminal.printText(toJson({ schemaVersion: 1, plans: deeds.map(({ plan }) => plan), outcomes }));
    }
    return Math.max(...deeds.map((deed) => exitCode(deed, order.go)));
  });
}

const isEmpty = (plan: ActionPlan): boolean => plan.refusal?.code === 'nothing-to-do';

const options = (terminal: Terminal) => ({ width: terminal.width(), glyphs: terminal.glyphs });

/** Nothing to do is no failure: a script that cleans up every hour must not fail when all is clean. */
function exitCode({ plan, outcome }: Deed, go: boolean): number {
  if (plan.refusal !== null) return isEmpty(plan) ? EXIT.ok : EXIT.noPermission;
  if (!go || outcome === null) return EXIT.ok;
  if (outcome.result === 'refused') return EXIT.noPermission;
  return outcome.error === null && outcome.targets.every(({ done, refusal }) => done || refusal?.code === 'gone')
    ? EXIT.ok
    : NOT_ALL;
}

/** Left-out flags stay left out. */
export function parametersOf(given: ActionParameters): ActionParameters | undefined {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
