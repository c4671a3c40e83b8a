import * as z from 'zod';
import { defineTool } from '../src/faces/mcp/define-tool.ts';
import type { ToolAnswer } from '../src/faces/mcp/define-tool.ts';
import type { Caller, ProcessReport, SelfReport, SessionReport, StatusReport } from '../src/model/index.ts';
import { sanitise } from '../src/untrusted/index.ts';
import { footprint, hostDetail, orphansOf, processRow, sessionDetail } from './rows.ts';
import type { Detail } from './rows.ts';
import { DETAIL, HostDetail, ProcessRow, SessionDetail, shortText } from './shapes.ts';
import { findTarget } from './targets.ts';
import { call, isPlainId, percent, plural, size } from './words.ts';

const Output = z.object({
  kind: z.enum(['host', 'self', 'session', 'process']),
  host: HostDetail.optional(),
  session: SessionDetail.nullable().optional(),
  process: ProcessRow.nullable().optional(),
  self: z
    .object({
      reason: z.string(),
      shareOfSessions: z.number().nullable(),
      shareOfHost: z.number().nullable(),
    })
    .optional(),
});
type Answer = ToolAnswer<z.input<typeof Output>>;

export const memoryStatus = defineTool({
  name: 'memory_status',
  title: 'Memory status',
  description:
    'Start here. Memory health of this machine and of every agent session (PSS + swap of the whole process tree): who uses it, what is orphaned, how much room is left. target "self": your own session, its processes, its share.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({
    target: shortText.default('host').describe('host, self, or an id from an earlier answer'),
    detail: DETAIL,
  }),
  output: Output,
  handler: async ({ target, detail }, { rampart, caller }) => {
    if (target === 'self') {
      const asking = await caller();
      return selfAnswer(await rampart.self(asking), asking, detail);
    }
    const report = await rampart.status();
    if (target === 'host') return hostAnswer(report, detail);
    const found = findTarget(target, report);
    return found.kind === 'session'
      ? sessionAnswer(found.session, detail)
      : processAnswer(found.process, detail, report.atMs);
  },
});

function hostAnswer(report: StatusReport, detail: Detail): Answer {
  const host = hostDetail(report, detail);
  const known = report.sessions.filter((session) => session.totalBytes !== null);
  const total = known.reduce((sum, session) => sum + (session.totalBytes ?? 0), 0);
  const unread = report.sessions.length - known.length;
  const top = host.sessions[0];
  const orphan = orphansOf(report)[0];
  const next = [
    ...(top !== undefined && isPlainId(top.id)
      ? [call('memory_status', { target: top.id }, 'the largest session')]
      : []),
    ...(orphan === undefined ? [] : [call('list_processes', { verdict: 'orphan' }, 'left behind by ended sessions')]),
    call('memory_status', { target: 'self' }, 'what you use yourself'),
  ];
  return {
    summary:
      `${report.severity}: ${size(host.memoryAvailableBytes)} of ${size(host.memoryTotalBytes)} available, ` +
      `headroom to the ${host.limit.kind} limit ${size(host.limit.headroomBytes)}; ` +
      `${plural(report.sessions.length, 'agent session')} using ${size(total)}` +
      `${unread === 0 ? '' : ` (${unread} not measured yet)`}; ${plural(host.orphans.count, 'orphan')}` +
      `${host.orphans.count === 0 ? '' : ` holding ${size(host.orphans.totalBytes)}`}.`,
    data: { kind: 'host', host },
    next,
  };
}

function sessionAnswer(session: SessionReport, detail: Detail): Answer {
  return {
    summary: sessionSummary(session),
    data: { kind: 'session', session: sessionDetail(session, detail) },
    next: sessionNext(session),
  };
}

function sessionSummary(session: SessionReport): string {
  const parts = Object.entries(session.byRole)
    .filter(([, sum]) => sum.count > 0)
    .map(([role, sum]) => `${plural(sum.count, role)} ${size(sum.totalBytes)}`);
  return (
    `${session.client} session, ${session.verdict}: ${size(session.totalBytes)} PSS + swap in ` +
    `${plural(session.processes.length, 'process', 'processes')} (${parts.join(', ')}).`
  );
}

function sessionNext(session: SessionReport): string[] {
  const id = session.sessionId;
  const largest = [...session.processes].sort((a, b) => (footprint(b) ?? 0) - (footprint(a) ?? 0))[0];
  return [
    ...(isPlainId(id)
      ? [
          call('query_metrics', { subject: `session:${id}`, metric: 'pssBytes', window: '1h' }, 'is it growing?'),
          call('list_processes', { session: id }, 'all of its processes'),
        ]
      : []),
    ...(largest === undefined ? [] : [call('memory_status', { target: largest.id }, 'its largest process')]),
  ];
}

function processAnswer(process: ProcessReport, detail: Detail, atMs: number): Answer {
  const age =
    process.startedAtMs === null ? 'unknown' : `${Math.max(0, Math.round((atMs - process.startedAtMs) / 60_000))} min`;
  return {
    summary:
      `${process.role} process ${process.id}, ${process.verdict} (${process.verdictConfidence} % sure): ` +
      `${size(footprint(process))} PSS + swap, RSS ${size(process.rssBytes)}, age ${age}.`,
    data: { kind: 'process', process: processRow(process, detail) },
    next: [
      call('query_metrics', { subject: process.id, metric: 'rssBytes', window: '1h' }, 'is it growing?'),
      ...(process.sessionId !== null && isPlainId(process.sessionId)
        ? [call('memory_status', { target: process.sessionId }, 'its session')]
        : []),
    ],
  };
}

function selfAnswer(report: SelfReport, caller: Caller, detail: Detail): Answer {
  const { session, process, shareOfHost, shareOfSessions } = report;
  const self = { reason: `${sanitise(report.reason)}${httpReason(caller)}`, shareOfSessions, shareOfHost };
  const data = {
    kind: 'self' as const,
    self,
    session: session === null ? null : sessionDetail(session, detail),
    process: process === null ? null : processRow(process, detail),
  };
  if (session === null) {
    return {
      summary: 'Your session could not be told from the others; data.self.reason says why.',
      data,
      next: [call('memory_status', {}, 'all sessions: find yours by client and directory'), call('list_processes')],
    };
  }
  return {
    summary:
      `You: ${sessionSummary(session)} That is ${percent(shareOfSessions)} of what all sessions use and ` +
      `${percent(shareOfHost)} of this machine's memory.`,
    data,
    next: sessionNext(session),
  };
}

/** Over HTTP nobody inherits anything: the connection's other end is all there is to go by. */
function httpReason(caller: Caller): string {
  if (caller.face !== 'http' || caller.pid !== null) return '';
  return '; the process behind this HTTP connection was not found (another user, a container, or not Linux)';
}
