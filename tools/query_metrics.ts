import * as z from 'zod';
import { defineTool } from '../src/faces/mcp/define-tool.ts';
import type { ToolContext } from '../src/faces/mcp/define-tool.ts';
import { METRICS, RampartError } from '../src/model/index.ts';
import type { Metric, MetricsAnswer, Rampart } from '../src/model/index.ts';
import { sanitise } from '../src/untrusted/index.ts';
import { shortText } from './shapes.ts';
import { findTarget } from './targets.ts';
import { windowMs, windowText } from './window.ts';
import { call, isPlainId, plural, size } from './words.ts';

export const queryMetrics = defineTool({
  name: 'query_metrics',
  title: 'Query metrics',
  description:
    'How one figure moved: a time series of the host, of a session or of a process, down-sampled, with its change.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({
    subject: shortText.default('host').describe('host, self, rampart, session id or pid:startTime'),
    metric: z
      .enum(METRICS)
      .optional()
      .describe('default: available memory of the host, PSS of a session, RSS of a process'),
    window: windowText.default('15m').describe('how far back: 15m, 2h, 7d'),
    points: z.int().min(1).max(200).default(12).describe('at most so many'),
  }),
  output: z.object({
    subject: z.string(),
    metric: z.enum(METRICS),
    fromMs: z.number(),
    toMs: z.number(),
    stepMs: z.number(),
    heldFromMs: z.number().nullable().describe('oldest sample in the history'),
    first: z.number().nullable(),
    last: z.number().nullable(),
    min: z.number().nullable(),
    max: z.number().nullable(),
    change: z.number().nullable().describe('mean of the last step less mean of the first'),
    reason: z.string().optional().describe('why the figures are null'),
    buckets: z.array(
      z.object({ tMs: z.number(), min: z.number(), mean: z.number(), max: z.number(), count: z.number() }),
    ),
  }),
  handler: async ({ subject, metric: wanted, window, points }, { rampart, caller, nowMs }) => {
    const fromMs = nowMs - windowMs(window);
    const named = await resolve(subject, rampart, caller);
    const metric = wanted ?? usualMetric(named);
    const answer = await rampart.queryMetrics({ subject: named, metric, fromMs, toMs: nowMs, maxPoints: points });
    const first = answer.buckets[0]?.mean ?? null;
    const last = answer.buckets.at(-1)?.mean ?? null;
    const figures = {
      first,
      last,
      min: answer.buckets.length === 0 ? null : Math.min(...answer.buckets.map((bucket) => bucket.min)),
      max: answer.buckets.length === 0 ? null : Math.max(...answer.buckets.map((bucket) => bucket.max)),
      change: first === null || last === null ? null : last - first,
    };
    return {
      summary: summarise(answer, figures.change, last, window),
      data: {
        subject: sanitise(named),
        metric,
        fromMs,
        toMs: nowMs,
        stepMs: answer.stepMs,
        heldFromMs: answer.heldFromMs,
        ...figures,
        ...(answer.buckets.length === 0 ? { reason: emptyReason(answer) } : {}),
        buckets: [...answer.buckets],
      },
      next: nextCalls(answer, window),
    };
  },
});

/** What a question without a metric means. */
function usualMetric(subject: string): Metric {
  if (subject === 'host') return 'memoryAvailableBytes';
  return subject.startsWith('session:') ? 'pssBytes' : 'rssBytes';
}

async function resolve(subject: string, rampart: Rampart, caller: ToolContext['caller']): Promise<string> {
  if (subject === 'host' || subject === 'rampart') return subject;
  // What has ended may still be in the history, so a well-formed id is not looked up among the living.
  if (/^\d+:\d+$/.test(subject) || subject.startsWith('session:')) return subject;
  if (subject === 'self') {
    const self = await rampart.self(await caller());
    if (self.session !== null) return `session:${self.session.sessionId}`;
    if (self.process !== null) return self.process.id;
    throw new RampartError(
      'not-found',
      `your session is not known: ${sanitise(self.reason)}`,
      'memory_status() lists all.',
    );
  }
  const found = findTarget(subject, await rampart.status());
  return found.kind === 'session' ? `session:${found.session.sessionId}` : found.process.id;
}

function summarise(answer: MetricsAnswer, change: number | null, last: number | null, window: string): string {
  if (change === null || last === null) return `No ${answer.metric} for this subject in the last ${window}.`;
  const sign = change > 0 ? '+' : '';
  return (
    `${answer.metric} ${inUnit(answer.metric, last)} now, ${sign}${inUnit(answer.metric, change)} over the last ` +
    `${window} (${plural(answer.buckets.length, 'point')}). Change alone is no leak: caches and start-up grow too.`
  );
}

function inUnit(metric: Metric, value: number): string {
  if (metric.endsWith('Bytes')) return size(value);
  if (metric.endsWith('Percent')) return `${value.toFixed(1)} %`;
  return metric.endsWith('Ms') ? `${Math.round(value)} ms` : String(Math.round(value * 10) / 10);
}

function emptyReason(answer: MetricsAnswer): string {
  return answer.heldFromMs === null
    ? 'the history holds nothing for this subject and metric (it is young, unknown, or has no such figure)'
    : 'no sample fell into this window; heldFromMs tells when the history begins';
}

function nextCalls(answer: MetricsAnswer, window: string): string[] {
  if (answer.buckets.length > 0 && isPlainId(answer.subject)) {
    return [
      call('query_metrics', { subject: answer.subject, metric: answer.metric, window: window === '1d' ? '7d' : '1d' }),
      call('memory_status', { target: answer.subject.replace(/^session:/, '') }, 'what it is made of'),
    ];
  }
  return [call('list_processes', {}, 'ids of what runs now'), call('memory_status', {}, 'ids of the sessions')];
}
