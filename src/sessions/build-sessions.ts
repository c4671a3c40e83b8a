import type { ProcessReport, RegistryClaim, Role, SessionReport } from '../model/index.ts';
import { groupBy, isAbout } from '../agents/index.ts';
import { sanitise } from '../untrusted/index.ts';
import { processReport, type ReportRow } from './process-report.ts';
import { billedBytes, ROLES, rssOf, sum } from './sums.ts';

/**
 * The bill: every session that has a live agent, with all that hangs on it. What belongs to no live session (orphans,
 * servers of unknown clients, all else) is in `unattributed`. O(rows).
 */
export function buildSessions(rows: Iterable<ReportRow>, claims: readonly RegistryClaim[]): SessionReport[] {
  const bySession = groupBy(rows, ({ attribution }) => (attribution.agent === null ? null : attribution.sessionId));
  const sessions: SessionReport[] = [];
  for (const [sessionId, members] of bySession) {
    if (members.some(isLiveAgent)) sessions.push(sessionReport(sessionId, members, claims));
  }
  return sessions.toSorted((a, b) => (b.totalBytes ?? b.rssBytes) - (a.totalBytes ?? a.rssBytes));
}

function isLiveAgent({ attribution, sample }: ReportRow): boolean {
  return attribution.role === 'agent' && sample.state !== 'zombie';
}

/** Processes of no session in the list. */
export function unattributed(rows: Iterable<ReportRow>, sessions: readonly SessionReport[]): ProcessReport[] {
  const listed = new Set(sessions.flatMap(({ processes }) => processes.map(({ id }) => id)));
  const rest: ProcessReport[] = [];
  for (const row of rows) if (!listed.has(row.sample.key)) rest.push(processReport(row));
  return rest;
}

const ROLE_ORDER: Record<Role, number> = { agent: 0, wrapper: 1, server: 2, tool: 3, other: 4 };

function sessionReport(
  sessionId: string,
  members: readonly ReportRow[],
  claims: readonly RegistryClaim[],
): SessionReport {
  const lead = leadAgent(members);
  const processes = members
    .map(processReport)
    .toSorted((a, b) => ROLE_ORDER[a.role] - ROLE_ORDER[b.role] || a.startTime - b.startTime);
  const claim = lead === null ? undefined : claims.find((each) => each.sessionId !== null && isAbout(each, lead));
  const cwd = claim?.cwd ?? lead?.facts.cwd ?? null;
  const pssBytes = sum(processes, (each) => each.pssBytes);
  const swapBytes = sum(processes, (each) => each.swapBytes);
  const totalBytes = sum(processes, billedBytes);
  const missing = processes.filter((each) => billedBytes(each) === null).length;
  const name = claim?.name ?? (cwd === null ? null : (cwd.split('/').findLast((part) => part !== '') ?? null));
  const unknown: Record<string, string> = {};
  if (totalBytes === null) {
    for (const field of ['pssBytes', 'swapBytes', 'totalBytes']) {
      unknown[field] = `${missing} of ${processes.length} processes not read yet, or not permitted`;
    }
  }
  if (claim?.status == null) unknown['clientStatus'] = 'the client does not tell';
  return {
    sessionId,
    client: lead?.attribution.client ?? 'unknown',
    name: name === null ? null : sanitise(name, 80),
    cwd,
    clientStatus: claim?.status ?? null,
    verdict: lead?.verdict.verdict ?? 'unknown',
    verdictConfidence: lead?.verdict.confidence ?? 0,
    verdictEvidence: lead?.verdict.evidence ?? [],
    startedAtMs: lead?.facts.startedAtMs ?? null,
    pssBytes,
    swapBytes,
    totalBytes,
    rssBytes: rssOf(processes),
    byRole: byRole(processes),
    confidence: lead?.attribution.confidence ?? 0,
    evidence: lead?.attribution.evidence ?? [],
    processes,
    unknown,
  };
}

/** The agent that the session is named after: the one that is no teammate, else the oldest. */
function leadAgent(members: readonly ReportRow[]): ReportRow | null {
  const agents = members
    .filter(({ attribution }) => attribution.role === 'agent')
    .toSorted((a, b) => a.sample.startTime - b.sample.startTime);
  return agents.find(({ attribution }) => attribution.agentId === null) ?? agents[0] ?? null;
}

function byRole(processes: readonly ProcessReport[]): SessionReport['byRole'] {
  const parts = ROLES.map((role) => {
    const own = processes.filter((each) => each.role === role);
    return [role, { count: own.length, totalBytes: sum(own, billedBytes), rssBytes: rssOf(own) }] as const;
  });
  return Object.fromEntries(parts) as SessionReport['byRole'];
}
