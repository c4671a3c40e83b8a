import { hostLimit, processLimit } from '../../limits/index.ts';
import type {
  CgroupMemory,
  Coverage,
  HostSample,
  ProcessReport,
  SelfCost,
  Severity,
  Source,
  StatusReport,
} from '../../model/index.ts';
import { buildSessions, fanOut, type ReportRow, room, unattributed } from '../../sessions/index.ts';
import { sizeText } from '../../wording/index.ts';
import type { World, WorldRow } from '../engine/world.ts';

/** Live processes with their verdict, limit and CPU share, ready to be reported. */
export async function reportRows(
  world: World,
  source: Source,
  host: HostSample,
  isWanted: (row: WorldRow) => boolean = () => true,
): Promise<ReportRow[]> {
  const cgroups = await readCgroups(world, source);
  const rows: ReportRow[] = [];
  for (const [key, row] of world.rows) {
    if (!isWanted(row)) continue;
    const { sample, facts, attribution, cpu } = row;
    const cgroup = facts.cgroup === null ? null : (cgroups.get(facts.cgroup) ?? null);
    rows.push({
      sample,
      facts,
      attribution,
      verdict: world.verdict(key),
      limit: processLimit({ sample, facts, cgroup, host }),
      cpuPercent: cpu.percent(),
    });
  }
  return rows;
}

/** Memory cgroups of all processes, each read once. */
async function readCgroups(world: World, source: Source): Promise<ReadonlyMap<string, CgroupMemory | null>> {
  const paths = new Set<string>();
  for (const { facts } of world.rows.values()) if (facts.cgroup !== null) paths.add(facts.cgroup);
  const found = new Map<string, CgroupMemory | null>();
  for (const path of paths) found.set(path, await source.cgroupMemory(path));
  return found;
}

export interface StatusInput {
  readonly origin: StatusReport['origin'];
  readonly atMs: number;
  readonly host: HostSample;
  readonly severity: Severity;
  readonly rows: readonly ReportRow[];
  readonly claims: World['claims'];
  /** Part of the host's limit that new agents may not take, 0–1. */
  readonly reserveShare: number;
  readonly rampart: SelfCost;
  readonly coverage: Coverage;
}

/** The whole picture. */
export function statusReport(input: StatusInput): StatusReport {
  const limit = hostLimit(input.host);
  const sessions = buildSessions(input.rows, input.claims);
  const rest = unattributed(input.rows, sessions).toSorted((a, b) => sizeOf(b) - sizeOf(a));
  return {
    schemaVersion: 1,
    atMs: input.atMs,
    origin: input.origin,
    severity: input.severity,
    summary: summary(input, sessions, rest),
    host: { ...input.host, limit },
    sessions,
    unattributed: rest,
    fanOut: fanOut(sessions),
    room: room(sessions, limit, limit.limitBytes * input.reserveShare),
    rampart: input.rampart,
    coverage: input.coverage,
  };
}

/** What a list is sorted by: PSS + swap where it was read, else RSS, so that nothing large hides. */
export const sizeOf = ({ pssBytes, swapBytes, rssBytes }: ProcessReport): number =>
  (pssBytes ?? rssBytes) + (swapBytes ?? 0);

export function allProcesses(status: StatusReport): ProcessReport[] {
  return [...status.sessions.flatMap((session) => session.processes), ...status.unattributed];
}

function summary(
  { host, severity }: StatusInput,
  sessions: StatusReport['sessions'],
  rest: readonly ProcessReport[],
): string {
  const orphans = rest.filter(({ verdict }) => verdict === 'orphan').length;
  const known = sessions.every(({ totalBytes }) => totalBytes !== null);
  const total = sessions.reduce((sum, { totalBytes }) => sum + (totalBytes ?? 0), 0);
  const using = known ? sizeText(total) : total > 0 ? `at least ${sizeText(total)}` : 'memory not read yet';
  const parts = [`${severity}: ${sizeText(host.memoryAvailableBytes)} of ${sizeText(host.memoryTotalBytes)} available`];
  if (sessions.length === 0) parts.push('no agent session');
  else {
    const count = `${sessions.length} agent session${sessions.length === 1 ? '' : 's'}`;
    parts.push(`${count} using ${using}`);
  }
  if (orphans > 0) parts.push(`${orphans} orphan${orphans === 1 ? '' : 's'}`);
  return parts.join('; ');
}

export function coverageNotes(hidden: number): string[] {
  if (hidden === 0) return [];
  return [`${hidden} processes of other users are listed but may not be read; run as root to see them`];
}
