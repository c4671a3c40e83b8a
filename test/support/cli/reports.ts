import type {
  DoctorReport,
  HealthReport,
  Lifecycle,
  ProcessReport,
  Role,
  SessionReport,
  StatusReport,
} from '../../../src/model/index.ts';

/** Reports as a service would give them, for views and commands: two sessions, an npx server, an orphan, hidden processes. */

const MIB = 1024 ** 2;
export const NOW_MS = Date.UTC(2026, 10, 23, 9, 30, 0);
export const SESSION_A = '3f9a2c11-7b1e-4a55-9d0e-0c5d3a8f1b22';
export const SESSION_B = '9d00aa17-1111-4222-8333-444455556666';

export function processReport(part: Partial<ProcessReport> & { pid: number; role: Role }): ProcessReport {
  const startTime = part.startTime ?? 1000 + part.pid;
  return {
    startTime,
    id: `${part.pid}:${startTime}`,
    ppid: 1,
    startedAtMs: NOW_MS - 3_600_000,
    name: 'node',
    command: 'node server.js',
    runtime: 'node',
    state: 'sleeping',
    client: 'claude-code',
    sessionId: SESSION_A,
    agentId: null,
    serverName: null,
    attributionConfidence: 98,
    attributionEvidence: [{ kind: 'env-session-id', detail: 'CLAUDE_CODE_SESSION_ID names the session' }],
    verdict: 'idle',
    verdictConfidence: 90,
    verdictEvidence: [],
    lastActiveMs: NOW_MS - 60_000,
    rssBytes: 60 * MIB,
    anonBytes: 30 * MIB,
    pssBytes: 40 * MIB,
    ussBytes: 35 * MIB,
    swapBytes: 0,
    footprintAtMs: NOW_MS,
    cpuPercent: 0.4,
    limit: null,
    unknown: {},
    ...part,
  };
}

export function sessionReport(
  sessionId: string,
  name: string,
  verdict: Lifecycle,
  processes: readonly ProcessReport[],
): SessionReport {
  const sum = (of: (process: ProcessReport) => number, role?: Role): number =>
    processes
      .filter((process) => role === undefined || process.role === role)
      .reduce((total, process) => total + of(process), 0);
  const share = (role: Role) => ({
    count: processes.filter((process) => process.role === role).length,
    totalBytes: sum((process) => process.pssBytes ?? 0, role),
    rssBytes: sum((process) => process.rssBytes, role),
  });
  return {
    sessionId,
    client: 'claude-code',
    name,
    cwd: `/home/ada/${name}`,
    clientStatus: verdict === 'busy' ? 'busy' : 'idle',
    verdict,
    verdictConfidence: 95,
    verdictEvidence: [],
    startedAtMs: NOW_MS - 7_500_000,
    pssBytes: sum((process) => process.pssBytes ?? 0),
    swapBytes: sum((process) => process.swapBytes ?? 0),
    totalBytes: sum((process) => (process.pssBytes ?? 0) + (process.swapBytes ?? 0)),
    rssBytes: sum((process) => process.rssBytes),
    byRole: {
      agent: share('agent'),
      server: share('server'),
      wrapper: share('wrapper'),
      tool: share('tool'),
      other: share('other'),
    },
    confidence: 98,
    evidence: [],
    processes,
    unknown: {},
  };
}

const AGENT_A = processReport({
  pid: 100,
  role: 'agent',
  name: 'claude',
  verdict: 'busy',
  pssBytes: 610 * MIB,
  rssBytes: 702 * MIB,
  cpuPercent: 12,
});
const NPX = processReport({
  pid: 101,
  ppid: 100,
  role: 'wrapper',
  name: 'npx',
  command: 'node /usr/lib/node_modules/npm/bin/npx-cli.js -y server-memory',
  serverName: 'server-memory',
  pssBytes: 44 * MIB,
  rssBytes: 80 * MIB,
});
const SH = processReport({
  pid: 102,
  ppid: 101,
  role: 'wrapper',
  name: 'sh',
  command: 'sh -c server-memory',
  serverName: 'server-memory',
  pssBytes: 0.3 * MIB,
  rssBytes: 2 * MIB,
});
const SERVER = processReport({
  pid: 103,
  ppid: 102,
  role: 'server',
  name: 'node',
  serverName: 'server-memory',
  pssBytes: 36 * MIB,
  rssBytes: 70 * MIB,
});
const LEAKY = processReport({
  pid: 104,
  ppid: 100,
  role: 'server',
  name: 'node',
  serverName: 'docs-index',
  verdict: 'busy',
  pssBytes: 1_400 * MIB,
  rssBytes: 1_490 * MIB,
});
const TOOL = processReport({
  pid: 105,
  ppid: 100,
  role: 'tool',
  name: 'npm test',
  pssBytes: 90 * MIB,
  rssBytes: 120 * MIB,
  verdict: 'busy',
});
const FORK = processReport({
  pid: 106,
  ppid: 105,
  role: 'tool',
  name: 'vitest',
  pssBytes: 210 * MIB,
  rssBytes: 260 * MIB,
  verdict: 'busy',
});
const AGENT_B = processReport({
  pid: 200,
  role: 'agent',
  name: 'claude',
  sessionId: SESSION_B,
  pssBytes: 230 * MIB,
  rssBytes: 320 * MIB,
});
const SERVER_B = processReport({
  pid: 201,
  ppid: 200,
  role: 'server',
  serverName: 'server-memory',
  sessionId: SESSION_B,
  pssBytes: null,
  ussBytes: null,
  swapBytes: null,
  footprintAtMs: null,
  unknown: { pssBytes: 'not read yet' },
});
const ORPHAN = processReport({
  pid: 300,
  role: 'server',
  serverName: 'browser-tools',
  sessionId: 'dead0000-1111-4222-8333-444455556666',
  verdict: 'orphan',
  verdictConfidence: 97,
  verdictEvidence: [{ kind: 'stdin-peer-dead', detail: 'nobody holds the other end of its stdin, seen twice' }],
  pssBytes: 310 * MIB,
  rssBytes: 350 * MIB,
});
const OTHERS = Array.from({ length: 12 }, (_, index) =>
  processReport({
    pid: 400 + index,
    role: 'other',
    name: `daemon-${index}`,
    client: null,
    sessionId: null,
    verdict: 'unknown',
    pssBytes: null,
    rssBytes: 9 * MIB,
  }),
);

export function statusReport(part: Partial<StatusReport> = {}): StatusReport {
  const available = 13.3 * 1024 * MIB;
  return {
    schemaVersion: 1,
    atMs: NOW_MS,
    origin: 'service',
    severity: 'ok',
    summary: '2 agent sessions use 2.62 GiB of 23.5 GiB; 1 orphan holds 310 MiB; room for 7 more claude-code sessions.',
    host: {
      atMs: NOW_MS,
      memoryTotalBytes: 23.5 * 1024 * MIB,
      memoryAvailableBytes: available,
      swapTotalBytes: 0,
      swapFreeBytes: 0,
      pressure: { someAvg10Percent: 0, fullAvg10Percent: 0, someTotalUs: 0, fullTotalUs: 0 },
      cgroup: null,
      cpuCount: 8,
      unknown: {},
      limit: {
        kind: 'host-memory',
        limitBytes: 23.5 * 1024 * MIB,
        usedBytes: 10.2 * 1024 * MIB,
        headroomBytes: available,
        source: 'MemTotal and MemAvailable of /proc/meminfo',
      },
    },
    sessions: [
      sessionReport(SESSION_B, 'website', 'idle', [AGENT_B, SERVER_B]),
      sessionReport(SESSION_A, 'my-project', 'busy', [AGENT_A, NPX, SH, SERVER, LEAKY, TOOL, FORK]),
    ],
    unattributed: [...OTHERS, ORPHAN],
    fanOut: {
      sessions: 2,
      servers: 3,
      serverBytes: 1_476 * MIB,
      wrappers: 2,
      wrapperBytes: 44.3 * MIB,
      shareable: [{ serverName: 'server-memory', copies: 2, totalBytes: 76 * MIB, savableBytes: 36 * MIB }],
      summary: '2 sessions × 3 servers = 1.44 GiB; wrappers 44.3 MiB; server-memory could be shared over HTTP',
    },
    room: [
      { client: 'claude-code', perSessionBytes: 1_341 * MIB, basedOnSessions: 2, more: 7, reserveBytes: 2_400 * MIB },
    ],
    rampart: {
      pid: 77,
      rssBytes: 61 * MIB,
      cpuPercent: 0.2,
      uptimeMs: 185_000,
      sweepMs: 2.1,
      skippedTicks: 0,
      historyBytes: 40_000,
    },
    coverage: {
      source: 'linux procfs',
      processes: 21,
      hidden: 4,
      notes: ['4 processes of other users show no PSS; run as root to see them'],
    },
    ...part,
  };
}

export function healthReport(severity: HealthReport['severity']): HealthReport {
  return {
    schemaVersion: 1,
    atMs: NOW_MS,
    severity,
    checks: [
      {
        name: 'host memory',
        level: severity,
        detail: '13.3 GiB of 23.5 GiB available',
        next: severity === 'ok' ? null : 'close a session: `rampart status` shows the largest',
      },
      { name: 'orphans', level: 'info', detail: '1 orphan holds 310 MiB', next: 'see `rampart status`' },
    ],
  };
}

export function doctorReport(): DoctorReport {
  return {
    schemaVersion: 1,
    atMs: NOW_MS,
    checks: [
      { name: 'processes', works: true, detail: '/proc shows every process', fix: null },
      {
        name: 'pss',
        works: false,
        detail: '4 processes of other users hide smaps_rollup',
        fix: 'run the service as their user or as root',
      },
      { name: 'hive.db', works: null, detail: 'not looked at: no Claude-Flow here', fix: null },
    ],
  };
}
