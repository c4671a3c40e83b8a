import type {
  LeakQuery,
  MetricsQuery,
  ProcessQuery,
  ProcessReport,
  Rampart,
  RampartEvent,
  Role,
  SessionReport,
  StatusReport,
} from '../../../src/model/index.ts';
import { RampartError } from '../../../src/model/index.ts';
import { questions } from '../../../src/service/socket/protocol.ts';
import { leakReport } from './leak-report.ts';

const MIB = 1024 * 1024;

export function processReport(over: Partial<ProcessReport> & Pick<ProcessReport, 'pid'>): ProcessReport {
  const { pid, startTime = pid * 10 } = over;
  return {
    id: `${pid}:${startTime}`,
    startTime,
    ppid: 1,
    startedAtMs: 1_000,
    name: `program-${pid}`,
    command: `node program-${pid}.js`,
    runtime: 'node',
    state: 'sleeping',
    role: 'server',
    client: 'claude-code',
    sessionId: null,
    agentId: null,
    serverName: null,
    attributionConfidence: 90,
    attributionEvidence: [{ kind: 'ancestor', detail: 'child of the agent' }],
    verdict: 'idle',
    verdictConfidence: 80,
    verdictEvidence: [],
    lastActiveMs: null,
    rssBytes: 60 * MIB,
    anonBytes: 30 * MIB,
    pssBytes: 40 * MIB,
    ussBytes: 30 * MIB,
    swapBytes: 0,
    footprintAtMs: 2_000,
    cpuPercent: 0.5,
    limit: null,
    unknown: { limit: 'no limit is set', lastActiveMs: 'none seen yet' },
    ...over,
  };
}

export function sessionReport(
  sessionId: string,
  processes: readonly ProcessReport[],
  over: Partial<SessionReport> = {},
): SessionReport {
  const owned = processes.map((process) => ({ ...process, sessionId }));
  const total = (rows: readonly ProcessReport[]) =>
    rows.reduce((sum, row) => sum + (row.pssBytes ?? 0) + (row.swapBytes ?? 0), 0);
  const byRole = Object.fromEntries(
    (['agent', 'server', 'wrapper', 'tool', 'other'] as const).map((role: Role) => {
      const rows = owned.filter((row) => row.role === role);
      const rssBytes = rows.reduce((sum, row) => sum + row.rssBytes, 0);
      return [role, { count: rows.length, totalBytes: total(rows), rssBytes }];
    }),
  ) as SessionReport['byRole'];
  return {
    sessionId,
    client: 'claude-code',
    name: 'proj',
    cwd: '/home/user/proj',
    clientStatus: 'busy',
    verdict: 'busy',
    verdictConfidence: 95,
    verdictEvidence: [],
    startedAtMs: 1_000,
    pssBytes: total(owned),
    swapBytes: 0,
    totalBytes: total(owned),
    rssBytes: owned.reduce((sum, row) => sum + row.rssBytes, 0),
    byRole,
    confidence: 95,
    evidence: [{ kind: 'env-session-id', detail: 'session id in the environment' }],
    processes: owned,
    unknown: {},
    ...over,
  };
}

export function statusReport(over: Partial<StatusReport> = {}): StatusReport {
  const sessions = over.sessions ?? [
    sessionReport('bbf1be2d-863f-4870-baf6-5b1dda84c18c', [
      processReport({ pid: 100, role: 'agent', pssBytes: 200 * MIB, rssBytes: 260 * MIB }),
      processReport({ pid: 101 }),
      processReport({ pid: 102, role: 'wrapper', pssBytes: 36 * MIB }),
    ]),
    sessionReport('0aa2c1aa-0000-4870-baf6-5b1dda84c18c', [
      processReport({ pid: 200, role: 'agent', pssBytes: 150 * MIB }),
    ]),
  ];
  return {
    schemaVersion: 1,
    atMs: 600_000,
    origin: 'service',
    severity: 'ok',
    summary: 'all is well',
    host: {
      atMs: 600_000,
      memoryTotalBytes: 16_384 * MIB,
      memoryAvailableBytes: 8_192 * MIB,
      swapTotalBytes: 0,
      swapFreeBytes: 0,
      pressure: null,
      cgroup: null,
      cpuCount: 2,
      unknown: { pressure: 'the kernel was built without PSI' },
      limit: {
        kind: 'host-memory',
        limitBytes: 16_384 * MIB,
        usedBytes: 8_192 * MIB,
        headroomBytes: 8_192 * MIB,
        source: 'MemTotal and MemAvailable',
      },
    },
    unattributed: [
      processReport({ pid: 300, verdict: 'orphan', sessionId: 'gone-session', pssBytes: 90 * MIB }),
      processReport({ pid: 301, role: 'other', client: null }),
    ],
    fanOut: {
      sessions: 2,
      servers: 1,
      serverBytes: 40 * MIB,
      wrappers: 1,
      wrapperBytes: 36 * MIB,
      shareable: [],
      summary: '2 sessions × 1 server = 40 MiB',
    },
    room: [
      { client: 'claude-code', perSessionBytes: 213 * MIB, basedOnSessions: 2, more: 30, reserveBytes: 1024 * MIB },
    ],
    rampart: {
      pid: 4,
      rssBytes: 70 * MIB,
      cpuPercent: 0.2,
      uptimeMs: 5_000,
      sweepMs: 1,
      skippedTicks: 0,
      historyBytes: 100,
    },
    coverage: { source: 'linux', processes: 6, hidden: 0, notes: ['everything of this user is seen'] },
    ...over,
    sessions,
  };
}

export interface FakeRampart extends Rampart {
  /** Name and argument of each question so far. */
  readonly asked: { readonly method: string; readonly argument: unknown }[];
  report: StatusReport;
  readonly listeners: Set<(event: RampartEvent) => void>;
  emit(event: RampartEvent): void;
  /** When set, every question fails with it. */
  failure: Error | null;
}

/** A `Rampart` without a machine behind it: answers from `report` and remembers what it was asked. */
export function fakeRampart(report: StatusReport = statusReport()): FakeRampart {
  const asked: FakeRampart['asked'] = [];
  const listeners: FakeRampart['listeners'] = new Set();
  const answer = async <T>(method: string, argument: unknown, value: () => T): Promise<T> => {
    asked.push({ method, argument });
    if (fake.failure !== null) throw fake.failure;
    return value();
  };
  const all = () => [...fake.report.sessions.flatMap((session) => session.processes), ...fake.report.unattributed];
  const fake: FakeRampart = {
    asked,
    report,
    listeners,
    failure: null,
    emit: (event) => listeners.forEach((listener) => listener(event)),
    ...questions((method, argument) =>
      answer(method, argument, () => {
        throw new RampartError('unsupported', 'not faked', 'Give the fake an answer.');
      }),
    ),
    status: () => answer('status', undefined, () => fake.report),
    self: (caller) =>
      answer('self', caller, () => {
        const session = fake.report.sessions.find((row) => row.sessionId === caller.sessionId) ?? null;
        return {
          session,
          process: null,
          shareOfSessions: session === null ? null : 0.5,
          shareOfHost: session === null ? null : 0.02,
          reason: session === null ? 'no session id and no agent among the ancestors' : 'session id in the environment',
        };
      }),
    listProcesses: (query: ProcessQuery) =>
      answer('listProcesses', query, () => {
        const rows = all().filter(
          (row) =>
            (query.verdict === undefined || row.verdict === query.verdict) &&
            (query.sessionId === undefined || row.sessionId === query.sessionId) &&
            (query.role === undefined || row.role === query.role),
        );
        const from = Number(query.cursor ?? 0);
        const to = from + (query.limit ?? 50);
        return {
          atMs: fake.report.atMs,
          total: rows.length,
          processes: rows.slice(from, to),
          nextCursor: to < rows.length ? String(to) : null,
        };
      }),
    queryMetrics: (query: MetricsQuery) =>
      answer('queryMetrics', query, () => {
        const held = query.subject !== 'session:nobody';
        return {
          subject: query.subject,
          metric: query.metric,
          stepMs: 60_000,
          buckets: held
            ? [100, 150].map((value, index) => ({
                tMs: query.fromMs + index * 60_000,
                min: value * MIB,
                mean: value * MIB,
                max: value * MIB,
                count: 60,
              }))
            : [],
          heldFromMs: held ? query.fromMs : null,
          heldToMs: held ? query.toMs : null,
        };
      }),
    detectLeaks: (query: LeakQuery) => answer('detectLeaks', query, () => leakReport(all(), query)),
    health: () => Promise.reject(new RampartError('unsupported', 'not asked over MCP', '')),
    doctor: () => Promise.reject(new RampartError('unsupported', 'not asked over MCP', '')),
    subscribe: (listener) =>
      answer('subscribe', undefined, () => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      }),
    close: async () => {},
  };
  return fake;
}
