import { randomUUID } from 'node:crypto';
import {
  RampartError,
  type ActionName,
  type ActionOrder,
  type ActionPlan,
  type ActionRequest,
  type AuditEntry,
  type Clock,
  type ExpectedEffect,
  type Outcome,
  type ProcessKey,
  type RampartEvent,
  type Refusal,
  type UndoOrder,
} from '../../model/index.ts';
import { redactText, sanitise } from '../../untrusted/index.ts';
import type { Audit } from './audit.ts';
import { carryOut } from './carry-out.ts';
import { refuse, type Action, type ActionSettings, type Asking, type Selection, type Tools } from '../define.ts';
import { gateRequest, gateTarget, type Activity, type GateSettings } from './gate.ts';
import { actionNamed } from '../index.ts';
import { kinOf } from './kin.ts';
import { blankOutcome, planSummary, plannedTarget } from './outcome.ts';
import { createPlans, PLAN_LIFE_MS, type Waiting } from './plans.ts';
import { createMeter } from './settle.ts';
import type { ActionWorld, Target, View } from '../target.ts';
import { undo } from './undo.ts';
import { checkParameters, resolveWish } from './wish.ts';

export interface RunnerDeps {
  readonly tools: Tools;
  readonly world: ActionWorld;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly settings: ActionSettings;
  readonly gate: GateSettings;
  readonly confirm: ActionPlan['confirm'];
  readonly publish: (event: RampartEvent) => void;
  /** From outcomes that were measured; left out: nothing is known. */
  readonly expected?: ((action: ActionName, targets: readonly Target[], view: View) => ExpectedEffect) | undefined;
}

/** Gate → plan → identity and evidence again → run → settle → measure → record. */
export interface Runner {
  plan(request: ActionRequest): Promise<ActionPlan>;
  apply(order: ActionOrder): Promise<Outcome>;
  undo(order: UndoOrder): Promise<Outcome>;
}

const HOUR_MS = 3_600_000;

const NOTHING_KNOWN: ExpectedEffect = {
  bytes: null,
  lowBytes: null,
  highBytes: null,
  confidence: null,
  basedOn: 0,
  reason: 'No outcome of this action was measured here yet.',
};

export function createRunner(deps: RunnerDeps): Runner {
  const { tools, world, clock, audit, settings, gate: gateSettings } = deps;
  const { host } = tools;
  const plans = createPlans();
  const meter = createMeter(world, host, clock);
  const busy = new Set<ProcessKey>();
  let begun: Activity['begun'] = [];

  const activity = (): Activity => ({ busy, begun });

  /** What this request means now, and what speaks against each process. */
  const choose = async (action: Action, request: ActionRequest, view: View) => {
    const kin = kinOf(view, host.ownPid, request.callerPid ?? null);
    const asking: Asking = {
      ...tools,
      view,
      wish: resolveWish(request, view),
      parameters: request.parameters ?? {},
      settings,
      origin: request.origin,
      gate: (target) =>
        gateTarget(action, target, request.origin, {
          settings: gateSettings,
          activity: activity(),
          kin,
          uid: host.uid,
        }),
    };
    const candidates = (await action.select?.(asking, world)) ?? byName(asking);
    const selected: Selection[] = [];
    for (const each of candidates) {
      selected.push({ ...each, refusal: each.refusal ?? (await action.available(each.target, asking)) });
    }
    return { asking, selected };
  };

  const record = (entry: Omit<AuditEntry, 'atMs'>): void => audit.write({ ...entry, atMs: clock.nowMs() });

  const plan = async (request: ActionRequest): Promise<ActionPlan> => {
    const action = actionNamed(request.action);
    checkParameters(request.parameters ?? {});
    const id = randomUUID();
    const line = { id, action: action.name, origin: request.origin, process: null };
    const closed = gateRequest(action, request, gateSettings, activity(), clock.nowMs());
    const view = await world.look({ settled: action.name === 'reap' });
    const { asking, selected } =
      closed === null ? await choose(action, request, view) : { asking: null, selected: [] as Selection[] };
    const targets = selected.map((each) =>
      plannedTarget(each, asking === null ? [] : action.plan(each.target, asking)),
    );
    const open = selected.filter(({ refusal }) => refusal === null).map(({ target }) => target);
    const refusal = closed ?? (open.length > 0 ? null : whyNone(selected));
    const nowMs = clock.nowMs();
    const summary = planSummary(action, targets, refusal);
    const why = request.reason === undefined ? '' : ` Reason given: ${sanitise(redactText(request.reason))}`;
    record({
      ...line,
      event: refusal === null ? 'planned' : 'refused',
      detail: `${target(request)}: ${summary}${why}`,
    });
    const waiting = { id, request, allowed: new Set(open.map((each) => each.id)), expiresAtMs: nowMs + PLAN_LIFE_MS };
    return {
      schemaVersion: 1,
      atMs: nowMs,
      action: action.name,
      risk: action.risk,
      reversible: action.reversible,
      targets,
      refusal,
      expected: deps.expected?.(action.name, open, view) ?? NOTHING_KNOWN,
      token: refusal === null ? plans.keep(waiting) : null,
      expiresAtMs: waiting.expiresAtMs,
      confirm: deps.confirm,
      summary,
    };
  };

  const apply = async (order: ActionOrder): Promise<Outcome> => {
    const waiting = take(order);
    const { id, request, allowed } = waiting;
    const action = actionNamed(request.action);
    const closed = gateRequest(action, request, gateSettings, activity(), clock.nowMs());
    if (closed !== null) {
      record({
        id,
        action: action.name,
        origin: request.origin,
        process: null,
        event: 'refused',
        detail: closed.reason,
      });
      return refused(waiting, action, closed, clock.nowMs());
    }
    // Counted before anything waits: of two orders that meet here only one takes the last place of the hour.
    begun = [
      ...begun.filter(({ atMs }) => clock.nowMs() - atMs < HOUR_MS),
      { atMs: clock.nowMs(), origin: request.origin },
    ];
    const view = await world.look();
    const { asking, selected } = await chooseAgain(action, waiting, view);
    // Between here and `busy.add` nothing waits: two orders cannot both pass.
    const planned = selected
      .filter(({ target: each }) => allowed.has(each.id))
      .map((each) => (busy.has(each.target.id) && each.refusal === null ? { ...each, refusal: IN_PROGRESS } : each));
    const held = planned.filter(({ refusal }) => refusal === null).map(({ target: each }) => each.id);
    for (const key of held) busy.add(key);
    try {
      const outcome = await carryOut({ action, asking, planned, waiting, ticket: order.ticket, meter, ...deps });
      deps.publish({ type: 'outcome', atMs: outcome.endedAtMs, outcome });
      return outcome;
    } finally {
      for (const key of held) busy.delete(key);
    }
  };

  /** A target that is gone altogether is no error: its name just means nothing any more. */
  const chooseAgain = async (action: Action, { id, request }: Waiting, view: View) => {
    try {
      return await choose(action, request, view);
    } catch (error) {
      if (!(error instanceof RampartError) || error.code !== 'not-found') throw error;
      record({
        id,
        action: action.name,
        origin: request.origin,
        process: null,
        event: 'refused',
        detail: error.message,
      });
      throw new RampartError('not-found', 'the target has ended since it was planned', 'Nothing is left to do.', error);
    }
  };

  const take = ({ token, expect }: ActionOrder): Waiting => {
    const waiting = plans.take(token, clock.nowMs());
    const isMeant =
      expect === undefined || (waiting?.request.action === expect.action && waiting.request.target === expect.target);
    if (waiting !== null && isMeant) return waiting;
    if (waiting !== null) {
      const { id, request } = waiting;
      const detail = 'The token was given for another action or target.';
      record({ id, action: request.action, origin: request.origin, process: null, event: 'refused', detail });
    }
    throw new RampartError(
      'bad-input',
      waiting === null ? 'the token is unknown, was used, or has expired' : 'the token belongs to another plan',
      'Plan anew: a token is good for one plan, once, for five minutes.',
    );
  };

  return { plan, apply, undo: (order: UndoOrder) => undo(order, { audit, clock, host }) };
}

const IN_PROGRESS: Refusal = refuse('in-progress', 'Another action works on it now.', 'Wait until that has ended.');

const target = ({ target: named }: ActionRequest): string => sanitise(named, 80);

function byName({ wish, gate }: Asking): Selection[] {
  const targets = wish.kind === 'group' ? [] : wish.targets;
  return targets.map((each) => ({ target: each, below: null, refusal: gate(each) }));
}

function whyNone(selected: readonly Selection[]): Refusal {
  const [first, ...others] = selected.map(({ refusal }) => refusal).filter((refusal) => refusal !== null);
  if (first === undefined) return refuse('nothing-to-do', 'Nothing of that kind is there.', 'Nothing is left to do.');
  if (others.every(({ reason }) => reason === first.reason)) return first;
  return refuse(first.code, `Each of ${selected.length} is refused; the first: ${first.reason}`, first.hint);
}

function refused({ id, request }: Waiting, { name, risk }: Action, refusal: Refusal, nowMs: number): Outcome {
  const blank = blankOutcome({ id, action: name, origin: request.origin, risk }, nowMs);
  return { ...blank, summary: `${name}: refused. ${refusal.reason} ${refusal.hint}` };
}
