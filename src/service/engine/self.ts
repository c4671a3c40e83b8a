import type { Caller, ProcessReport, SelfReport, SessionReport, StatusReport } from '../../model/index.ts';
import type { World, WorldRow } from './world.ts';

/** Deeper trees than this do not occur between a caller and its agent. */
const MAX_DEPTH = 32;

/**
 * Who asks. The pid that the caller named is looked up in the process table, whose attribution already weighs ancestry
 * against the environment; the session id that it found in its own environment only decides where that gave nothing.
 */
export function selfReport(caller: Caller, world: World, status: StatusReport): SelfReport {
  const row = caller.pid === null ? null : world.byPid(caller.pid);
  const owner = row === null ? null : ownerOf(row, world);
  const found = bySession(owner?.attribution.sessionId ?? null, status);
  const process = row === null ? null : processOf(row.sample.key, status);
  if (found !== null && owner !== null) {
    return answer(found, process, status, ancestryReason(caller, owner, found));
  }
  const claimed = bySession(caller.sessionId, status);
  if (claimed !== null) {
    const reason =
      row === null
        ? `by the session id in the caller's environment; its process ${caller.pid ?? ''} is not seen here`
        : "by the session id in the caller's environment; its ancestors name no agent";
    return answer(claimed, process, status, reason);
  }
  const only = onlySessionOf(caller.clientName, status);
  if (only !== null) {
    return answer(only, process, status, `a guess: it is the only session of a client called '${caller.clientName}'`);
  }
  return answer(null, process, status, unknownReason(caller, row));
}

/** The nearest process upwards that belongs to a session. */
function ownerOf(row: WorldRow, world: World): WorldRow | null {
  let at: WorldRow | null = row;
  for (let depth = 0; at !== null && depth < MAX_DEPTH; depth += 1) {
    if (at.attribution.sessionId !== null) return at;
    at = world.byPid(at.sample.ppid);
  }
  return null;
}

function ancestryReason(caller: Caller, owner: WorldRow, session: SessionReport): string {
  const { confidence, evidence } = owner.attribution;
  const by = evidence[0]?.detail ?? 'by its place in the process tree';
  const doubt =
    caller.sessionId === null || caller.sessionId === session.sessionId
      ? ''
      : ' Its environment names another session, which is an outer one or has ended.';
  return `process ${caller.pid}: ${by} (${confidence} % sure).${doubt}`;
}

function unknownReason(caller: Caller, row: WorldRow | null): string {
  if (caller.pid === null && caller.sessionId === null) return 'the caller named neither its process nor its session';
  if (caller.pid !== null && row === null) {
    return `process ${caller.pid} is not seen here: it has ended, or it lives in another pid namespace (a container)`;
  }
  return `no agent is among the ancestors of process ${caller.pid}, and its environment names no session that runs`;
}

function bySession(sessionId: string | null, status: StatusReport): SessionReport | null {
  return status.sessions.find((session) => session.sessionId === sessionId) ?? null;
}

function onlySessionOf(clientName: string | null, status: StatusReport): SessionReport | null {
  if (clientName === null) return null;
  const sessions = status.sessions.filter((session) => clientName.startsWith(session.client));
  return sessions.length === 1 ? (sessions[0] ?? null) : null;
}

function processOf(id: string, status: StatusReport): ProcessReport | null {
  for (const session of status.sessions) {
    const found = session.processes.find((process) => process.id === id);
    if (found !== undefined) return found;
  }
  return status.unattributed.find((process) => process.id === id) ?? null;
}

function answer(
  session: SessionReport | null,
  process: ProcessReport | null,
  status: StatusReport,
  reason: string,
): SelfReport {
  const own = session?.totalBytes ?? null;
  const totals = status.sessions.map((each) => each.totalBytes);
  const all = totals.includes(null) ? null : totals.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0);
  return {
    session,
    process,
    shareOfSessions: own === null || all === null || all === 0 ? null : own / all,
    shareOfHost: own === null ? null : own / status.host.memoryTotalBytes,
    reason,
  };
}
