import type { LeakFinding, Observation, ObservedProcess, ObservedSession } from '../../../src/model/index.ts';

export const MIB = 1024 * 1024;
export const HOUR = 3_600_000;
export const NOW = 1_800_000_000_000;

export function observed(over: Partial<ObservedProcess> & { readonly pid: number }): ObservedProcess {
  return {
    id: `${over.pid}:${over.pid * 10}`,
    name: `program-${over.pid}`,
    command: ['node', `/srv/program-${over.pid}.js`],
    runtime: 'node',
    role: 'server',
    client: 'claude-code',
    sessionId: 's-1',
    serverName: 'some-mcp',
    experience: 'some-mcp',
    lifecycle: 'busy',
    lifecycleConfidence: 90,
    lastActiveMs: null,
    startedAtMs: NOW - 24 * HOUR,
    footprintBytes: 100 * MIB,
    isProportional: true,
    rssBytes: 120 * MIB,
    swapBytes: 0,
    cpuPercent: 1,
    limit: null,
    leak: null,
    usualFootprint: null,
    heap: null,
    ...over,
  };
}

export function session(over: Partial<ObservedSession> & { readonly sessionId: string }): ObservedSession {
  return {
    client: 'claude-code',
    name: null,
    cwd: null,
    lifecycle: 'busy',
    startedAtMs: NOW - 24 * HOUR,
    totalBytes: null,
    rssBytes: 0,
    processes: [],
    leak: null,
    ...over,
  };
}

export function observation(over: Partial<Observation> = {}): Observation {
  const limit = {
    kind: 'host-memory' as const,
    limitBytes: 16_384 * MIB,
    usedBytes: null,
    headroomBytes: 8_192 * MIB,
    source: 'RAM of the machine.',
  };
  return {
    atMs: NOW,
    host: {
      atMs: NOW,
      memoryTotalBytes: 16_384 * MIB,
      memoryAvailableBytes: 8_192 * MIB,
      swapTotalBytes: 0,
      swapFreeBytes: 0,
      pressure: null,
      cgroup: null,
      cpuCount: 4,
      unknown: {},
    },
    limit,
    severity: 'ok',
    hostForecast: null,
    looks: { taken: 100, skipped: 0 },
    processes: [],
    sessions: [],
    files: [],
    ...over,
  };
}

/** A leak of 100 MiB an hour (80–120) for five hours. */
export function leaking(
  over: Partial<LeakFinding> = {},
  verdict: 'leaking' | 'suspected' = 'leaking',
): ObservedProcess['leak'] {
  const finding: LeakFinding = {
    verdict,
    score: 0.95,
    logOdds: 3,
    logEValue: 5,
    peakScore: 0.95,
    peakAtMs: NOW,
    kind: 'v8-heap',
    kindReason: null,
    confirmation: null,
    ratePerHourBytes: 100 * MIB,
    rateInterval: { lowBytesPerHour: 80 * MIB, highBytesPerHour: 120 * MIB, confidence: 0.8 },
    sinceMs: NOW - 5 * HOUR,
    growth: null,
    detectors: [{ name: 'growth', score: 0.9, detected: true, evidence: {}, reason: 'It grew in 40 of 42 windows.' }],
    samples: 1000,
    rejected: { 'not-finite': 0, negative: 0, duplicate: 0, backwards: 0 },
    reason: 'The live set rises without end.',
    ...over,
  };
  return { verdict, score: 0.95, finding, forecast: null, confirmAtMs: NOW };
}

export const heap = (
  usedMib: number,
  totalMib: number,
  limitMib: number,
  isAfterGc = false,
): ObservedProcess['heap'] => ({
  threadId: 0,
  name: 'main',
  usedBytes: usedMib * MIB,
  totalBytes: totalMib * MIB,
  physicalBytes: null,
  limitBytes: limitMib * MIB,
  externalBytes: null,
  arrayBuffersBytes: null,
  spaces: [],
  atMs: NOW - 10_000,
  isAfterGc,
});
