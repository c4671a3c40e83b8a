import type { LeakQuery, LeakReport, LeakRow, ProcessReport } from '../../../src/model/index.ts';

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;

/** The first server leaks, all others are clear. */
export function leakReport(processes: readonly ProcessReport[], query: LeakQuery): LeakReport {
  const asked = processes.filter(
    ({ id, sessionId }) => query.target === undefined || [id, sessionId].includes(query.target),
  );
  const leaky = processes.find(({ role }) => role === 'server');
  const rows = asked
    .map((process) => leakRow(process, process === leaky))
    .filter(({ score }) => (score ?? 0) >= (query.minScore ?? 0.5));
  return {
    schemaVersion: 1,
    atMs: 100 * HOUR_MS,
    watched: asked.length,
    tooYoung: 0,
    findings: rows.slice(0, query.limit ?? 20),
    more: Math.max(0, rows.length - (query.limit ?? 20)),
    summary: `${rows.length === 0 ? 'No leak found' : `${rows.length} leaking, together 12 MiB an hour`}; ${asked.length} watched.`,
  };
}

function leakRow(process: ProcessReport, leaks: boolean): LeakRow {
  const growth = {
    sinceMs: 90 * HOUR_MS,
    atMs: 100 * HOUR_MS,
    levelBytes: 220 * MIB,
    ratePerHourBytes: 12 * MIB,
    rateErrorPerHourBytes: MIB,
    noiseBytes: MIB,
  };
  return {
    process,
    verdict: leaks ? 'leaking' : 'clear',
    score: leaks ? 0.97 : 0.02,
    watchedFromMs: 80 * HOUR_MS,
    confirmAtMs: leaks ? 100 * HOUR_MS : null,
    forecast: leaks
      ? {
          limitBytes: 4096 * MIB,
          limitSource: 'RAM of the machine',
          atMs: 400 * HOUR_MS,
          earliestMs: 350 * HOUR_MS,
          latestMs: null,
          confidence: 0.8,
        }
      : null,
    forecastReason: leaks ? null : 'nothing grows',
    finding: {
      verdict: leaks ? 'leaking' : 'clear',
      score: leaks ? 0.97 : 0.02,
      logOdds: leaks ? 4 : -4,
      logEValue: leaks ? 9 : 0,
      peakScore: leaks ? 0.97 : 0.1,
      peakAtMs: 100 * HOUR_MS,
      kind: leaks ? 'v8-heap' : null,
      kindReason: leaks ? 'the heap grows with it' : null,
      confirmation: null,
      ratePerHourBytes: leaks ? growth.ratePerHourBytes : null,
      rateInterval: leaks ? { lowBytesPerHour: 10 * MIB, highBytesPerHour: 14 * MIB, confidence: 0.8 } : null,
      sinceMs: leaks ? growth.sinceMs : null,
      growth: leaks ? growth : null,
      detectors: [
        {
          name: 'sustained-growth',
          score: leaks ? 0.97 : 0.02,
          detected: leaks,
          evidence: { positiveGrowthRatio: leaks ? 0.9 : 0.5 },
          reason: leaks ? 'the floor rises' : 'the floor is flat',
        },
      ],
      samples: 2400,
      rejected: { 'not-finite': 0, negative: 0, duplicate: 0, backwards: 0 },
      reason: leaks
        ? 'Memory leaks (v8-heap): 12.0 MiB an hour for 10 h.'
        : 'No growth that load, caches or noise do not explain.',
    },
  };
}
