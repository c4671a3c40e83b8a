import type * as z from 'zod';
import type { Evidence, Limit, ProcessReport, Role, SessionReport, StatusReport } from '../src/model/index.ts';
import { sanitise } from '../src/untrusted/index.ts';
import type { HostDetail, ProcessRow, SessionDetail, SessionRow } from './shapes.ts';

/** Reports cut down to what a model should pay for. Text is cleaned again here, at the border, whoever cleaned it before. */

export type Detail = 'concise' | 'detailed';

/** How many rows an answer holds: a concise host status stays near 1,000 tokens, a detailed one under 10,000. */
const SESSION_ROWS = { concise: 8, detailed: 30 } as const;
const PROCESS_ROWS = { concise: 8, detailed: 25 } as const;
const ORPHAN_IDS = { concise: 3, detailed: 20 } as const;
const EVIDENCE_ROWS = 5;
/** A readable name needs less than a command line does. */
const NAME_LENGTH = 80;

export function processRow(report: ProcessReport, detail: Detail): z.input<typeof ProcessRow> {
  const row: z.input<typeof ProcessRow> = {
    id: report.id,
    role: report.role,
    sessionId: clean(report.sessionId),
    verdict: report.verdict,
    verdictConfidence: report.verdictConfidence,
    pssBytes: report.pssBytes,
    swapBytes: report.swapBytes,
    rssBytes: report.rssBytes,
    cpuPercent: report.cpuPercent,
    untrusted: { name: sanitise(report.name, NAME_LENGTH) },
  };
  if (detail === 'detailed') {
    Object.assign(row, {
      client: report.client,
      agentId: clean(report.agentId),
      ppid: report.ppid,
      runtime: report.runtime,
      state: report.state,
      startedAtMs: report.startedAtMs,
      lastActiveMs: report.lastActiveMs,
      ussBytes: report.ussBytes,
      footprintAtMs: report.footprintAtMs,
      limit: report.limit === null ? null : limitRow(report.limit),
      attributionConfidence: report.attributionConfidence,
      evidence: evidenceRows([...report.verdictEvidence, ...report.attributionEvidence]),
      untrusted: { name: sanitise(report.name, NAME_LENGTH), command: sanitise(report.command) },
    } satisfies Partial<typeof row>);
  }
  return withReasons(row, report.unknown);
}

function sessionRow(report: SessionReport): z.input<typeof SessionRow> {
  return withReasons(
    {
      id: sanitise(report.sessionId),
      client: report.client,
      verdict: report.verdict,
      verdictConfidence: report.verdictConfidence,
      totalBytes: report.totalBytes,
      rssBytes: report.rssBytes,
      processCount: report.processes.length,
      confidence: report.confidence,
      untrusted: { name: report.name === null ? null : sanitise(report.name, NAME_LENGTH) },
    },
    report.unknown,
  );
}

export function sessionDetail(report: SessionReport, detail: Detail): z.input<typeof SessionDetail> {
  const shown = [...report.processes].sort(byMemory).slice(0, PROCESS_ROWS[detail]);
  const row: z.input<typeof SessionDetail> = {
    ...sessionRow(report),
    byRole: Object.entries(report.byRole)
      .filter(([, sum]) => sum.count > 0)
      .map(([role, sum]) => ({ role: role as Role, ...sum })),
    processes: shown.map((process) => processRow(process, detail)),
    moreProcesses: report.processes.length - shown.length,
  };
  if (detail === 'detailed') {
    row.startedAtMs = report.startedAtMs;
    row.clientStatus = clean(report.clientStatus);
    row.evidence = evidenceRows([...report.verdictEvidence, ...report.evidence]);
    row.untrusted = { ...row.untrusted, cwd: clean(report.cwd) };
  }
  return row;
}

export function hostDetail(report: StatusReport, detail: Detail): z.input<typeof HostDetail> {
  const { host } = report;
  const sessions = [...report.sessions].sort((a, b) => (b.totalBytes ?? b.rssBytes) - (a.totalBytes ?? a.rssBytes));
  const shown = sessions.slice(0, SESSION_ROWS[detail]);
  const orphans = orphansOf(report);
  const row: z.input<typeof HostDetail> = {
    atMs: report.atMs,
    severity: report.severity,
    origin: report.origin,
    memoryTotalBytes: host.memoryTotalBytes,
    memoryAvailableBytes: host.memoryAvailableBytes,
    swapTotalBytes: host.swapTotalBytes,
    swapFreeBytes: host.swapFreeBytes,
    pressureSomePercent: host.pressure?.someAvg10Percent ?? null,
    limit: limitRow(host.limit),
    sessions: shown.map(sessionRow),
    moreSessions: sessions.length - shown.length,
    orphans: {
      count: orphans.length,
      totalBytes: sum(orphans.map(footprint)),
      ids: orphans.slice(0, ORPHAN_IDS[detail]).map((process) => process.id),
    },
    fanOut: sanitise(report.fanOut.summary),
    room: report.room.map(({ client, more, perSessionBytes, basedOnSessions }) => ({
      client,
      more,
      perSessionBytes,
      basedOnSessions,
    })),
    rampart: { pid: report.rampart.pid, rssBytes: report.rampart.rssBytes, cpuPercent: report.rampart.cpuPercent },
    hiddenProcesses: report.coverage.hidden,
  };
  if (detail === 'detailed') row.notes = report.coverage.notes.map((note) => sanitise(note));
  return withReasons(row, {
    ...host.unknown,
    ...(host.pressure === null ? { pressureSomePercent: host.unknown['pressure'] ?? 'this kernel reports none' } : {}),
  });
}

/** Every process of the report, whoever owns it. */
export function allProcesses(report: StatusReport): ProcessReport[] {
  return [...report.sessions.flatMap((session) => session.processes), ...report.unattributed];
}

export function orphansOf(report: StatusReport): ProcessReport[] {
  return allProcesses(report)
    .filter((process) => process.verdict === 'orphan')
    .sort(byMemory);
}

/** PSS + swap, the process's part of a bill; null until it was read. */
export function footprint(process: ProcessReport): number | null {
  return process.pssBytes === null ? null : process.pssBytes + (process.swapBytes ?? 0);
}

function byMemory(a: ProcessReport, b: ProcessReport): number {
  return (footprint(b) ?? b.rssBytes) - (footprint(a) ?? a.rssBytes);
}

/** A sum with an unknown part is unknown: a smaller figure would look like a fact. */
function sum(values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>((total, value) => (total === null || value === null ? null : total + value), 0);
}

function limitRow(limit: Limit): Limit {
  return { ...limit, source: sanitise(limit.source) };
}

function evidenceRows(evidence: readonly Evidence[]): Evidence[] {
  return evidence.slice(0, EVIDENCE_ROWS).map(({ kind, detail }) => ({ kind, detail: sanitise(detail) }));
}

function clean(text: string | null): string | null {
  return text === null ? null : sanitise(text);
}

/** Adds the reasons for those nulls that this row really shows. */
function withReasons<Row extends object>(row: Row, unknown: Readonly<Record<string, string>>): Row {
  const reasons = Object.entries(unknown).filter(([name]) => name in row && row[name as keyof Row] === null);
  if (reasons.length === 0) return row;
  return { ...row, unknown: Object.fromEntries(reasons.map(([name, reason]) => [name, sanitise(reason)])) };
}
