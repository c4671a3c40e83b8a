import type { FanOut, ProcessReport, SessionReport } from '../model/index.ts';
import { groupBy } from '../agents/index.ts';
import { billedBytes, sum } from './sums.ts';

/** One copy of a server in one session: its wrappers, itself, and what it started. */
interface Copy {
  readonly serverName: string;
  readonly sessionId: string;
  readonly processes: ProcessReport[];
}

/** N sessions × M servers: what the copies of the same servers cost, and which could run once. O(processes). */
export function fanOut(sessions: readonly SessionReport[]): FanOut {
  const all = sessions.flatMap(({ processes }) => processes);
  const copies = sessions.flatMap(copiesIn);
  const serverProcesses = copies.flatMap(({ processes }) => processes.filter(({ role }) => role === 'server'));
  const wrappers = all.filter(({ role, serverName }) => role === 'wrapper' && serverName !== null);
  const shareable = sharedCandidates(copies);
  const answer = {
    sessions: sessions.length,
    servers: copies.length,
    serverBytes: sum(serverProcesses, billedBytes),
    wrappers: wrappers.length,
    wrapperBytes: sum(wrappers, billedBytes),
    shareable,
  };
  return { ...answer, summary: sentence(answer) };
}

/** A copy starts at a process whose parent is not part of the same server. */
function copiesIn(session: SessionReport): Copy[] {
  const byPid = new Map(session.processes.map((each) => [each.pid, each]));
  const copies = new Map<string, Copy>();
  for (const process of session.processes) {
    const { serverName } = process;
    if (serverName === null || (process.role !== 'server' && process.role !== 'wrapper')) continue;
    const head = headOf(process, byPid);
    const copy = copies.get(head.id);
    if (copy === undefined) copies.set(head.id, { serverName, sessionId: session.sessionId, processes: [process] });
    else copy.processes.push(process);
  }
  return [...copies.values()];
}

function headOf(process: ProcessReport, byPid: ReadonlyMap<number, ProcessReport>): ProcessReport {
  let head = process;
  for (let depth = 0; depth < 64; depth++) {
    const parent = byPid.get(head.ppid);
    if (parent === undefined || parent.serverName !== process.serverName || parent === head) break;
    head = parent;
  }
  return head;
}

/** Servers of the same name in two sessions or more. Whether one keeps state per session is its author's to say. */
function sharedCandidates(copies: readonly Copy[]): FanOut['shareable'] {
  const byName = groupBy(copies, ({ serverName }) => serverName);
  const shareable: FanOut['shareable'][number][] = [];
  for (const [serverName, group] of byName) {
    if (new Set(group.map(({ sessionId }) => sessionId)).size < 2) continue;
    const costs = group.map(({ processes }) => sum(processes, billedBytes));
    const totalBytes = sum(costs, (cost) => cost);
    const largest = Math.max(...costs.map((cost) => cost ?? 0));
    shareable.push({
      serverName,
      copies: group.length,
      totalBytes,
      savableBytes: totalBytes === null ? null : totalBytes - largest,
    });
  }
  return shareable.toSorted((a, b) => (b.savableBytes ?? 0) - (a.savableBytes ?? 0));
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** "4.1 GiB", "310 MiB". */
function size(bytes: number | null): string {
  if (bytes === null) return 'not all read yet';
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value >= 10 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

function count(n: number, one: string): string {
  return `${n} ${one}${n === 1 ? '' : 's'}`;
}

function sentence({
  sessions,
  servers,
  serverBytes,
  wrappers,
  wrapperBytes,
  shareable,
}: Omit<FanOut, 'summary'>): string {
  if (sessions === 0) return 'No agent session runs.';
  if (servers === 0) return `${count(sessions, 'session')} without MCP servers.`;
  const each = servers / sessions;
  const total =
    sessions > 1 && Number.isInteger(each)
      ? `${count(sessions, 'session')} × ${count(each, 'server')}`
      : `${count(sessions, 'session')} with ${count(servers, 'server')}`;
  const wrapped = wrappers > 0 ? `; ${count(wrappers, 'wrapper')} ${size(wrapperBytes)}` : '';
  const savable = sum(shareable, (server) => server.savableBytes);
  const shared =
    shareable.length > 0
      ? `; ${shareable.length} could be shared over HTTP, which would save ${savable === null ? 'an amount not read yet' : size(savable)}`
      : '';
  return `${total} = ${size(serverBytes)}${wrapped}${shared}.`;
}
