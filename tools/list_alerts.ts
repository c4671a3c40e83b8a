import * as z from 'zod';
import { defineTool } from '../src/faces/mcp/define-tool.ts';
import type { ToolContext } from '../src/faces/mcp/define-tool.ts';
import { ALERT_TYPES, RampartError } from '../src/model/index.ts';
import type { Alert, AlertReport } from '../src/model/index.ts';
import { sanitise } from '../src/untrusted/index.ts';
import { shortText, Untrusted } from './shapes.ts';
import { windowMs, windowText } from './window.ts';
import { call } from './words.ts';

const LEVEL = z.enum(['warning', 'critical', 'emergency']);
const DEFAULT_SILENCE = '1h';

export const listAlerts = defineTool({
  name: 'list_alerts',
  title: 'List alerts',
  description:
    'Memory alerts: what fires, how bad, since when. May acknowledge or silence one, which only changes who is told.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({
    state: z.enum(['active', 'firing', 'pending', 'resolved', 'all']).default('active').describe('which'),
    level: LEVEL.optional().describe('only this'),
    target: shortText.optional().describe('self, host, session id or pid:startTime'),
    limit: z.int().min(1).max(100).default(10).describe('at most'),
    acknowledge: shortText.optional().describe('alert id; quiet until worse'),
    silence: shortText.optional().describe('alert id; needs reason'),
    for: windowText.optional().describe('how long: 2h'),
    reason: shortText.optional().describe('why'),
  }),
  output: z.object({
    atMs: z.number(),
    counts: z.object({ warning: z.number(), critical: z.number(), emergency: z.number() }).describe('of all that fire'),
    more: z.number().describe('beyond limit'),
    alerts: z.array(
      z.object({
        id: z.string(),
        rule: z.string(),
        type: z.enum(ALERT_TYPES),
        level: LEVEL,
        state: z.enum(['pending', 'firing', 'resolved']),
        title: z.string(),
        detail: z.string(),
        subject: z.object({ kind: z.string(), id: z.string() }),
        sessionId: z.string().nullable(),
        value: z.number().nullable(),
        threshold: z.number().nullable(),
        unit: z.string().nullable(),
        firedAtMs: z.number().nullable(),
        resolvedAtMs: z.number().nullable(),
        limitAtMs: z.number().nullable().describe('when the limit is reached, most likely'),
        quiet: z.string().nullable().describe('acknowledged, silenced, or part of a wider alert'),
        flapping: z.boolean(),
        untrusted: Untrusted,
      }),
    ),
    silences: z.array(z.object({ id: z.string(), endsAtMs: z.number(), matchers: z.number() })),
  }),
  handler: async (input, context) => {
    const said = await change(input, context);
    const { rampart } = context;
    const subject = await resolve(input.target, context);
    const report = await rampart.listAlerts({ state: input.state, level: input.level, subject, limit: input.limit });
    return {
      summary: [said, sanitise(report.summary, 400), worst(report)].filter((text) => text !== '').join(' '),
      data: alertsData(report),
      next: nextCalls(report),
    };
  },
});

/** What the tool answers, and what the resource `memory://alerts` holds. */
export function alertsData({ atMs, counts, more, alerts, silences }: AlertReport) {
  return {
    atMs,
    counts: { ...counts },
    more,
    alerts: alerts.map(row),
    silences: silences.map(({ id, endsAtMs, matchers }) => ({ id, endsAtMs, matchers: matchers.length })),
  };
}

type Input = z.output<typeof listAlerts.input>;

/** What was asked for beside the list, and what came of it. */
async function change(input: Input, { rampart, caller }: ToolContext): Promise<string> {
  if (input.acknowledge === undefined && input.silence === undefined) return '';
  const { clientName } = await caller();
  const by = `agent ${sanitise(clientName ?? 'unknown', 60)}`;
  const forMs = input.for === undefined ? undefined : windowMs(input.for);
  if (input.acknowledge !== undefined) {
    const alert = await rampart.acknowledgeAlert({ id: input.acknowledge, by, forMs });
    return `Acknowledged ${alert.fingerprint}.`;
  }
  if (input.reason === undefined) {
    throw new RampartError('bad-input', 'a silence needs a reason', 'list_alerts(silence="ID", for="1h", reason="…").');
  }
  const silence = await rampart.silenceAlerts({
    alert: input.silence,
    forMs: forMs ?? windowMs(DEFAULT_SILENCE),
    by,
    reason: sanitise(input.reason),
  });
  return `Silenced; the silence is ${silence.id}.`;
}

async function resolve(target: string | undefined, { rampart, caller }: ToolContext): Promise<string | undefined> {
  if (target !== 'self') return target?.replace(/^session:/, '');
  const self = await rampart.self(await caller());
  const id = self.session?.sessionId ?? self.process?.id;
  if (id !== undefined) return id;
  throw new RampartError(
    'not-found',
    `your session is not known: ${sanitise(self.reason)}`,
    'list_alerts() lists all.',
  );
}

function row(alert: Alert) {
  const { subject, forecast } = alert;
  return {
    id: alert.fingerprint,
    rule: alert.rule,
    type: alert.type,
    level: alert.level,
    state: alert.state,
    title: sanitise(alert.title, 300),
    detail: sanitise(alert.detail, 400),
    subject: { kind: subject.kind, id: sanitise(subject.id) },
    sessionId: alert.labels['session'] === undefined ? null : sanitise(alert.labels['session']),
    value: alert.value,
    threshold: alert.threshold,
    unit: alert.unit,
    firedAtMs: alert.firedAtMs,
    resolvedAtMs: alert.resolvedAtMs,
    limitAtMs: forecast === null ? null : Math.round(forecast.atMs),
    quiet: quiet(alert),
    flapping: alert.flapping,
    untrusted: { name: sanitise(subject.name, 80) },
  };
}

function quiet({ acknowledged, silencedBy, inhibitedBy }: Alert): string | null {
  if (acknowledged !== null) return 'acknowledged';
  if (silencedBy !== null) return `silenced by ${sanitise(silencedBy)}`;
  return inhibitedBy === null ? null : `part of ${sanitise(inhibitedBy)}`;
}

function worst({ alerts }: AlertReport): string {
  const [first] = alerts;
  return first === undefined || first.state !== 'firing' ? '' : `Worst: ${sanitise(first.title, 300)}`;
}

function nextCalls({ alerts }: AlertReport): string[] {
  const [first] = alerts;
  if (first === undefined) return [call('memory_status', {}, 'who uses most')];
  const own = first.next.slice(0, 2).map((text) => sanitise(text, 300));
  return first.state === 'firing' && first.acknowledged === null
    ? [...own, call('list_alerts', { acknowledge: first.fingerprint }, 'when you deal with it')]
    : own;
}
