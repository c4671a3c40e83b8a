import * as z from 'zod';
import { defineTool } from '../src/faces/mcp/define-tool.ts';
import { RampartError } from '../src/model/index.ts';
import type { LeakReport, LeakRow } from '../src/model/index.ts';
import { sanitise } from '../src/untrusted/index.ts';
import { DETAIL, Untrusted, shortText } from './shapes.ts';
import { findTarget } from './targets.ts';
import { windowMs, windowText } from './window.ts';
import { call, percent, plural, size } from './words.ts';

const VERDICT = z.enum(['leaking', 'suspected', 'clear', 'insufficient-data']);

export const detectLeaks = defineTool({
  name: 'detect_leaks',
  title: 'Detect leaks',
  description:
    'Which processes leak, how fast, of what kind, since when, and when the limit is reached; each with its evidence.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({
    target: shortText.default('host').describe('host, self, session id or pid:startTime'),
    window: windowText.optional().describe('judge only this far back, for one process: 6h, 2d'),
    minScore: z.number().min(0).max(1).optional().describe('0–1; default: suspects of host, all of a target'),
    limit: z.int().min(1).max(50).default(8).describe('at most so many'),
    detail: DETAIL,
  }),
  output: z.object({
    atMs: z.number(),
    watched: z.number(),
    tooYoung: z.number().describe('watched, but too young for a verdict'),
    more: z.number().describe('findings beyond limit'),
    findings: z.array(
      z.object({
        id: z.string().describe('pid:startTime'),
        sessionId: z.string().nullable(),
        role: z.string(),
        verdict: VERDICT,
        score: z
          .number()
          .nullable()
          .describe('probability that it leaks, where 1 in 20 processes does; null: too young'),
        kind: z.string().nullable(),
        kindReason: z.string().nullable(),
        ratePerHourBytes: z.number().nullable(),
        rateLowPerHourBytes: z.number().nullable(),
        rateHighPerHourBytes: z.number().nullable(),
        sinceMs: z.number().nullable(),
        watchedFromMs: z.number(),
        confirmation: z.enum(['confirmed', 'cleared']).nullable().describe('by the heap after major collections'),
        limitAtMs: z.number().nullable().describe('when the limit is reached, most likely'),
        limitEarliestMs: z.number().nullable(),
        limitLatestMs: z.number().nullable(),
        limitReason: z.string().nullable().describe('which limit, or why no time is given'),
        reason: z.string(),
        untrusted: Untrusted,
        detectors: z
          .array(
            z.object({
              name: z.string(),
              score: z.number().nullable(),
              detected: z.boolean(),
              reason: z.string(),
              evidence: z.record(z.string(), z.number().nullable()),
            }),
          )
          .optional(),
      }),
    ),
  }),
  handler: async ({ target, window, minScore, limit, detail }, { rampart, caller }) => {
    const id = await resolve(target, rampart, caller);
    if (window !== undefined && (id === undefined || !/^\d+:\d+$/.test(id))) {
      throw new RampartError(
        'bad-input',
        'a window needs one process as target',
        'detect_leaks(target="pid:startTime", window="6h"); without a window the whole life is judged.',
      );
    }
    const report = await rampart.detectLeaks({
      target: id,
      windowMs: window === undefined ? undefined : windowMs(window),
      minScore,
      limit,
    });
    return {
      summary: summarise(report),
      data: {
        atMs: report.atMs,
        watched: report.watched,
        tooYoung: report.tooYoung,
        more: report.more,
        findings: report.findings.map((row) => finding(row, detail === 'detailed')),
      },
      next: nextCalls(report),
    };
  },
});

async function resolve(
  target: string,
  rampart: Parameters<typeof detectLeaks.handler>[1]['rampart'],
  caller: Parameters<typeof detectLeaks.handler>[1]['caller'],
): Promise<string | undefined> {
  if (target === 'host') return undefined;
  if (target === 'self') {
    const self = await rampart.self(await caller());
    const id = self.session?.sessionId ?? self.process?.id;
    if (id !== undefined) return id;
    throw new RampartError(
      'not-found',
      `your session is not known: ${sanitise(self.reason)}`,
      'memory_status() lists all.',
    );
  }
  const found = findTarget(target, await rampart.status());
  return found.kind === 'session' ? found.session.sessionId : found.process.id;
}

function finding({ process, finding: said, forecast, ...row }: LeakRow, detailed: boolean) {
  return {
    id: process.id,
    sessionId: process.sessionId === null ? null : sanitise(process.sessionId),
    role: process.role,
    verdict: row.verdict,
    score: row.score === null ? null : Math.round(row.score * 1000) / 1000,
    kind: said.kind,
    kindReason: said.kindReason,
    ratePerHourBytes: rounded(said.ratePerHourBytes),
    rateLowPerHourBytes: rounded(said.rateInterval?.lowBytesPerHour ?? null),
    rateHighPerHourBytes: rounded(said.rateInterval?.highBytesPerHour ?? null),
    sinceMs: rounded(said.sinceMs),
    watchedFromMs: row.watchedFromMs,
    confirmation: said.confirmation,
    limitAtMs: rounded(forecast?.atMs ?? null),
    limitEarliestMs: rounded(forecast?.earliestMs ?? null),
    limitLatestMs: rounded(forecast?.latestMs ?? null),
    limitReason: forecast === null ? row.forecastReason : forecast.limitSource,
    reason: said.reason,
    untrusted: { name: sanitise(process.name), ...(detailed ? { command: sanitise(process.command) } : {}) },
    ...(detailed
      ? { detectors: said.detectors.map((detector) => ({ ...detector, evidence: { ...detector.evidence } })) }
      : {}),
  };
}

const rounded = (value: number | null): number | null => (value === null ? null : Math.round(value));

function summarise(report: LeakReport): string {
  const worst = report.findings[0];
  if (worst === undefined || worst.verdict === 'clear' || worst.verdict === 'insufficient-data') return report.summary;
  const { ratePerHourBytes } = worst.finding;
  const rate = ratePerHourBytes === null ? '' : `, ${size(ratePerHourBytes)} an hour`;
  return `${report.summary} Worst: ${worst.process.id} (${worst.verdict}, ${percent(worst.score)} sure${rate}).`;
}

const CONFIRM_WORDS =
  'confirm it: what a full collection leaves, two or three times, shows whether the growth is alive';

function nextCalls(report: LeakReport): string[] {
  const worst = report.findings[0];
  if (worst !== undefined && (worst.verdict === 'leaking' || worst.verdict === 'suspected')) {
    const { id } = worst.process;
    const isDue = worst.confirmAtMs !== null && worst.confirmAtMs <= report.atMs;
    return [
      call('query_metrics', { subject: id, window: '1d' }, 'its curve'),
      ...(isDue ? [call('apply_optimization', { action: 'force_gc', target: id }, CONFIRM_WORDS)] : []),
      ...(worst.finding.confirmation === 'confirmed' && worst.process.runtime === 'node'
        ? [call('capture_snapshot', { target: id }, 'which functions keep what they allocate')]
        : []),
      call('memory_status', { target: id, detail: 'detailed' }, 'what it is and whose'),
    ];
  }
  if (report.tooYoung > 0) {
    return [`the same call in an hour: ${plural(report.tooYoung, 'process', 'processes')} too young for a verdict`];
  }
  return [call('memory_status', {}, 'who uses most')];
}
