import * as z from 'zod';
import { defineTool, type ToolContext, type ToolQuestion } from '../src/faces/mcp/define-tool.ts';
import {
  ACTION_NAMES,
  RampartError,
  type ActionOrder,
  type ActionPlan,
  type ActionRequest,
  type Outcome,
  type Refusal,
} from '../src/model/index.ts';
import { sanitise } from '../src/untrusted/index.ts';
import { shortText, Untrusted } from './shapes.ts';
import { ticketed } from './ticket.ts';
import { call, plural, size } from './words.ts';

const RefusalRow = z.object({ code: z.string(), reason: z.string(), hint: z.string() });

/** Enough to decide by; the rest is counted. */
const MOST_SHOWN = 20;
const MOST_NAMED = 8;

export const applyOptimization = defineTool({
  name: 'apply_optimization',
  title: 'Act on memory',
  description:
    'Acts on a process or session, e.g. reaps orphans. Plans only; then dry_run=false asks the user, or give the confirm_token. Returns the measured effect.',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  input: z.strictObject({
    action: z.enum(ACTION_NAMES).default('reap').describe('what to do'),
    target: shortText.default('orphans').describe('pid:startTime, session id; reap: orphans, duplicates, retained'),
    dry_run: z.boolean().default(true).describe('false: do it'),
    confirm_token: shortText.optional().describe('of the dry run'),
    max_bytes: z.int().min(1).optional().describe('of limit'),
    reason: shortText.optional().describe('for the audit log'),
  }),
  output: z.object({
    action: z.string(),
    risk: z.string(),
    refusal: RefusalRow.nullable().describe('of the whole plan'),
    confirmToken: z.string().nullable().describe('null: not needed, or refused'),
    targets: z.array(
      z.object({
        id: z.string(),
        role: z.string(),
        verdict: z.string(),
        sessionId: z.string().nullable(),
        footprintBytes: z.number(),
        steps: z.array(z.string()),
        evidence: z.array(z.string()),
        refusal: RefusalRow.nullable(),
        untrusted: Untrusted,
      }),
    ),
    more: z.number().describe('targets not shown'),
    outcome: z
      .object({
        id: z.string(),
        result: z.string(),
        reclaimedBytes: z.number().nullable(),
        counterfactualBytes: z.number().nullable().describe('without the action'),
        errorBytes: z.number().nullable(),
        done: z.number(),
        leftAlone: z.array(z.object({ id: z.string(), reason: z.string() })),
        undo: z.string().describe('whether it can be undone'),
      })
      .nullable(),
  }),
  handler: async (input, context) => {
    const { answer } = context.confirmation;
    if (answer !== null) return afterAnswer(answer, context);
    if (input.confirm_token !== undefined) {
      const expect = { action: input.action, target: input.target };
      return applied(await apply({ token: input.confirm_token, expect }, context), null);
    }
    const request: ActionRequest = {
      action: input.action,
      target: input.target,
      parameters: input.max_bytes === undefined ? undefined : { maxBytes: input.max_bytes },
      origin: 'agent',
      reason: input.reason,
      callerPid: (await context.caller()).pid,
    };
    const plan = await context.rampart.planAction(request);
    const asksUser = plan.confirm === 'ask' && context.confirmation.canAsk;
    if (input.dry_run || plan.token === null) return planned(plan, request, asksUser);
    return asksUser ? question(plan, plan.token) : planned(plan, request, false);
  },
});

async function afterAnswer(
  { accepted, token }: NonNullable<ToolContext['confirmation']['answer']>,
  context: ToolContext,
) {
  if (accepted && token !== null) return applied(await apply({ token }, context), null);
  throw new RampartError(
    'not-permitted',
    token === null ? 'the question has expired' : 'the user did not allow it, and nothing was done',
    token === null
      ? 'Call again with dry_run=false.'
      : 'Do not ask again for the same; tell the user what you would gain.',
  );
}

const apply = (order: ActionOrder, context: ToolContext): Promise<Outcome> =>
  ticketed(context, (ticket) => context.rampart.applyAction({ ...order, ticket }));

/** For a person: what would end, how large it is, and why. */
function question({ action, targets }: ActionPlan, token: string): ToolQuestion {
  const open = targets.filter(({ refusal }) => refusal === null);
  const bytes = open.reduce((sum, { footprintBytes }) => sum + footprintBytes, 0);
  const named = open.slice(0, MOST_NAMED).map(({ process, name, verdict, footprintBytes }) => {
    return `• "${sanitise(name, 40)}" (pid ${process.pid}, ${verdict}, ${size(footprintBytes)})`;
  });
  const more = open.length > MOST_NAMED ? [`• and ${open.length - MOST_NAMED} more`] : [];
  const head = `An agent asks Rampart for ${action} of ${plural(open.length, 'process', 'processes')} (${size(bytes)}):`;
  return { ask: { message: [head, ...named, ...more].join('\n'), title: `Allow ${action}`, token } };
}

function planned(plan: ActionPlan, { action, target }: ActionRequest, asksUser: boolean) {
  const token = asksUser ? null : plan.token;
  const again = { action, target: sanitise(target, 80) };
  const next =
    plan.token === null
      ? [call('memory_status', {}, 'who uses most')]
      : asksUser
        ? [
            `apply_optimization(action="${action}", target="${again.target}", dry_run=false): asks the user, then does it`,
          ]
        : [call('apply_optimization', { ...again, confirm_token: token ?? '' }, 'does it, once, within five minutes')];
  return {
    summary: `${plan.summary}${plan.refusal === null ? '' : ` ${plan.refusal.hint}`}`,
    data: { ...planData(plan), confirmToken: token, outcome: null },
    next,
  };
}

function planData({ action, risk, refusal, targets }: ActionPlan) {
  return {
    action,
    risk,
    refusal: refusal === null ? null : refusalRow(refusal),
    targets: targets.slice(0, MOST_SHOWN).map((each) => ({
      id: each.process.id,
      role: each.role,
      verdict: each.verdict,
      sessionId: each.sessionId === null ? null : sanitise(each.sessionId),
      footprintBytes: each.footprintBytes,
      steps: [...each.steps],
      evidence: each.evidence.map(({ detail }) => sanitise(detail)),
      refusal: each.refusal === null ? null : refusalRow(each.refusal),
      untrusted: { name: sanitise(each.name) },
    })),
    more: Math.max(0, targets.length - MOST_SHOWN),
  };
}

const refusalRow = ({ code, reason, hint }: Refusal) => ({ code, reason: sanitise(reason), hint: sanitise(hint) });

function applied(outcome: Outcome, refusal: Refusal | null) {
  const { id, action, risk, targets, undo } = outcome;
  return {
    summary: outcome.summary,
    data: {
      action,
      risk,
      refusal,
      confirmToken: null,
      targets: [],
      more: 0,
      outcome: {
        id,
        result: outcome.result,
        reclaimedBytes: outcome.reclaimedBytes,
        counterfactualBytes: outcome.counterfactualBytes,
        errorBytes: outcome.errorBytes,
        done: targets.filter(({ done }) => done).length,
        leftAlone: targets
          .filter(({ done }) => !done)
          .slice(0, MOST_SHOWN)
          .map(({ process, detail }) => ({ id: process.id, reason: sanitise(detail) })),
        undo: undo.reason,
      },
    },
    next: [call('memory_status', {}, 'how it is now')],
  };
}
