import { sep } from 'node:path';
import type { ProcessReport, SessionReport, StatusReport } from '../model/index.ts';
import { sanitise } from '../untrusted/index.ts';
import type { MemoryIntegration } from './memory-integration-schema.ts';

export interface ContentOptions {
  readonly project: string;
  readonly version: string;
  readonly pid: number;
  readonly state: MemoryIntegration['state'];
}

/** Limits of the schema's lists. */
const MAX_SESSIONS = 100;
const MAX_AGENTS = 200;
const MAX_ORPHANS = 100;
const MAX_ROOM = 20;

/**
 * The part of a report that Claude-Flow needs. The file lies in a project that may be shared or committed: names of
 * sessions and agents that work elsewhere stay out of it, and so do command lines and directories.
 */
export function integrationContent(report: StatusReport, options: ContentOptions): MemoryIntegration {
  const sessions = bySize(report.sessions);
  const here = sessions.filter((session) => isBelow(options.project, session.cwd));
  const agents = bySize(here.flatMap((session) => session.processes).filter(isAgent));
  const orphans = bySize(allProcesses(report).filter((process) => process.verdict === 'orphan'));
  return {
    schemaVersion: 1,
    writer: { name: 'rampart', version: options.version, pid: options.pid },
    state: options.state,
    updatedAtMs: Math.round(report.atMs),
    severity: report.severity,
    summary: sanitise(report.summary, 500),
    host: hostOf(report.host),
    sessions: sessions.slice(0, MAX_SESSIONS).map((session) => sessionOf(session, here.includes(session))),
    agents: agents.slice(0, MAX_AGENTS).map(agentOf),
    orphans: orphans.slice(0, MAX_ORPHANS).map(orphanOf),
    totals: {
      sessions: sessions.length,
      agents: agents.length,
      orphans: orphans.length,
      sessionBytes: sum(sessions),
      orphanBytes: sum(orphans),
    },
    room: report.room.slice(0, MAX_ROOM).map(({ client, more, perSessionBytes }) => ({
      client: sanitise(client),
      more,
      perSessionBytes: Math.round(perSessionBytes),
    })),
  };
}

function hostOf(host: StatusReport['host']): MemoryIntegration['host'] {
  const { kind, limitBytes, usedBytes, headroomBytes } = host.limit;
  return {
    memoryTotalBytes: whole(host.memoryTotalBytes),
    memoryAvailableBytes: whole(host.memoryAvailableBytes),
    swapTotalBytes: whole(host.swapTotalBytes),
    swapFreeBytes: whole(host.swapFreeBytes),
    pressureSomePercent: host.pressure?.someAvg10Percent ?? null,
    limit: {
      kind,
      limitBytes: whole(limitBytes),
      usedBytes: wholeOrNull(usedBytes),
      headroomBytes: wholeOrNull(headroomBytes),
    },
  };
}

function sessionOf(session: SessionReport, inProject: boolean): MemoryIntegration['sessions'][number] {
  return {
    sessionId: sanitise(session.sessionId),
    client: sanitise(session.client),
    inProject,
    name: inProject && session.name !== null ? sanitise(session.name) : null,
    verdict: session.verdict,
    verdictConfidence: session.verdictConfidence,
    processes: session.processes.length,
    totalBytes: wholeOrNull(session.totalBytes),
    pssBytes: wholeOrNull(session.pssBytes),
    swapBytes: wholeOrNull(session.swapBytes),
    rssBytes: whole(session.rssBytes),
  };
}

function agentOf(process: ProcessReport): MemoryIntegration['agents'][number] {
  return {
    pid: process.pid,
    startTime: process.startTime,
    agentId: process.agentId === null ? null : sanitise(process.agentId),
    sessionId: process.sessionId === null ? null : sanitise(process.sessionId),
    role: process.role,
    client: process.client === null ? null : sanitise(process.client),
    name: sanitise(process.name),
    verdict: process.verdict,
    ...memoryOf(process),
  };
}

function orphanOf(process: ProcessReport): MemoryIntegration['orphans'][number] {
  return {
    pid: process.pid,
    startTime: process.startTime,
    name: sanitise(process.serverName ?? process.name),
    sessionId: process.sessionId === null ? null : sanitise(process.sessionId),
    confidence: process.verdictConfidence,
    ...memoryOf(process),
  };
}

function memoryOf(
  process: ProcessReport,
): Pick<MemoryIntegration['orphans'][number], 'totalBytes' | 'pssBytes' | 'swapBytes' | 'rssBytes'> {
  return {
    totalBytes: wholeOrNull(totalOf(process)),
    pssBytes: wholeOrNull(process.pssBytes),
    swapBytes: wholeOrNull(process.swapBytes),
    rssBytes: whole(process.rssBytes),
  };
}

/** The agent itself, and any process that a sub-agent or teammate is known for. */
const isAgent = (process: ProcessReport): boolean => process.role === 'agent' || process.agentId !== null;

const allProcesses = (report: StatusReport): ProcessReport[] => [
  ...report.unattributed,
  ...report.sessions.flatMap((session) => session.processes),
];

type Sized = SessionReport | ProcessReport;

function totalOf(item: Sized): number | null {
  if ('totalBytes' in item) return item.totalBytes;
  return item.pssBytes === null ? null : item.pssBytes + (item.swapBytes ?? 0);
}

/** RSS stands in for what was not read yet, for the order only. */
const bySize = <T extends Sized>(items: readonly T[]): T[] =>
  items.toSorted((a, b) => (totalOf(b) ?? b.rssBytes) - (totalOf(a) ?? a.rssBytes));

/** Null when one part is not known: a sum that leaves some out would be a made-up figure. */
function sum(items: readonly Sized[]): number | null {
  const sizes = items.map(totalOf);
  return sizes.includes(null) ? null : whole(sizes.reduce<number>((total, size) => total + (size ?? 0), 0));
}

const whole = (value: number): number => Math.max(0, Math.round(value));
const wholeOrNull = (value: number | null): number | null => (value === null ? null : whole(value));

function isBelow(project: string, cwd: string | null): boolean {
  return cwd !== null && (cwd === project || cwd.startsWith(project + sep));
}
