import type { ProcessReport, SessionReport, StatusReport } from '../../../src/model/index.ts';

const MIB = 1024 * 1024;

export function processReport(over: Partial<ProcessReport> = {}): ProcessReport {
  const pid = over.pid ?? 100;
  return {
    id: `${pid}:1`,
    pid,
    startTime: 1,
    ppid: 1,
    startedAtMs: null,
    name: 'claude',
    command: 'claude --secret-argument',
    runtime: 'bun',
    state: 'sleeping',
    role: 'agent',
    client: 'claude-code',
    sessionId: 's-1',
    agentId: null,
    serverName: null,
    attributionConfidence: 90,
    attributionEvidence: [],
    verdict: 'busy',
    verdictConfidence: 80,
    verdictEvidence: [],
    lastActiveMs: null,
    rssBytes: 200 * MIB,
    anonBytes: null,
    pssBytes: 150 * MIB,
    ussBytes: null,
    swapBytes: 10 * MIB,
    footprintAtMs: 1,
    cpuPercent: null,
    limit: null,
    unknown: {},
    ...over,
  };
}

export function sessionReport(over: Partial<SessionReport> = {}): SessionReport {
  const none = { count: 0, totalBytes: 0, rssBytes: 0 };
  return {
    sessionId: 's-1',
    client: 'claude-code',
    name: 'my project',
    cwd: '/code/project',
    clientStatus: 'busy',
    verdict: 'busy',
    verdictConfidence: 80,
    verdictEvidence: [],
    startedAtMs: null,
    pssBytes: 150 * MIB,
    swapBytes: 10 * MIB,
    totalBytes: 160 * MIB,
    rssBytes: 200 * MIB,
    byRole: { agent: none, server: none, wrapper: none, tool: none, other: none },
    confidence: 90,
    evidence: [],
    processes: [processReport()],
    unknown: {},
    ...over,
  };
}

export function statusReport(over: Partial<StatusReport> = {}): StatusReport {
  return {
    schemaVersion: 1,
    atMs: 1_795_000_000_000,
    origin: 'service',
    severity: 'ok',
    summary: 'all is well',
    host: {
      atMs: 1_795_000_000_000,
      memoryTotalBytes: 16 * 1024 * MIB,
      memoryAvailableBytes: 8 * 1024 * MIB,
      swapTotalBytes: 0,
      swapFreeBytes: 0,
      pressure: null,
      cgroup: null,
      cpuCount: 2,
      unknown: {},
      limit: {
        kind: 'host-memory',
        limitBytes: 16 * 1024 * MIB,
        usedBytes: 8 * 1024 * MIB,
        headroomBytes: 8 * 1024 * MIB,
        source: 'MemTotal',
      },
    },
    sessions: [sessionReport()],
    unattributed: [],
    fanOut: { sessions: 1, servers: 0, serverBytes: 0, wrappers: 0, wrapperBytes: 0, shareable: [], summary: '' },
    room: [{ client: 'claude-code', perSessionBytes: 160 * MIB, basedOnSessions: 1, more: 35, reserveBytes: 0 }],
    rampart: { pid: 9, rssBytes: 1, cpuPercent: null, uptimeMs: 1, sweepMs: null, skippedTicks: 0, historyBytes: null },
    coverage: { source: 'linux', processes: 1, hidden: 0, notes: [] },
    ...over,
  };
}
