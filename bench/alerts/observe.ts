import { createFleet, createLeakDetector, type LeakDetector } from '../../src/detectors/index.ts';
import { hostLimit } from '../../src/limits/index.ts';
import type { HostSample, Limit, Observation, ObservedProcess, ObservedSession } from '../../src/model/index.ts';
import { createHostOutlook } from '../../src/service/engine/host-outlook.ts';
import { toLimit } from '../../src/service/leaks/report.ts';
import { reviewIntervalMs } from '../../src/service/engine/outlook.ts';
import type { Day, SimProcess, SimSession } from './model.ts';

/** Shows the day as the service would see it: same detectors, same control over the fleet, judged once a minute. */
export interface Eyes {
  look(tS: number): Observation;
}

const MIB = 1024 * 1024;
/** As in the service: strangers below this are not watched. */
const MIN_STRANGER_BYTES = 32 * MIB;
export const EPOCH_MS = 1_800_000_000_000;

interface Watched {
  readonly detector: LeakDetector;
  /** What runs: experience is kept under it. */
  readonly role: string;
  /** Copies of it are judged together; null: it has none that compare. */
  readonly program: string | null;
  leak: ObservedProcess['leak'];
}

export function createEyes(day: Day): Eyes {
  const watched = new Map<string, Watched>();
  const sessions = new Map<string, Watched>();
  const fleet = createFleet();
  const host = createHostOutlook();
  const stalled = { full: 0, some: 0 };
  let looks = 0;
  let reviewedS = Number.NEGATIVE_INFINITY;

  const watch = (process: SimProcess, bytes: number, tS: number): void => {
    let one = watched.get(process.id);
    if (one === undefined) {
      if (process.role === 'other' && bytes < MIN_STRANGER_BYTES) return;
      watched.set(
        process.id,
        (one = {
          detector: createLeakDetector(),
          role: process.server ?? process.role,
          program: programOf(process),
          leak: null,
        }),
      );
    }
    const gained = Math.max(0, bytes - process.baseMib * MIB);
    const swapBytes = gained * process.swapShare;
    const sample = {
      tMs: EPOCH_MS + tS * 1000,
      rssBytes: bytes - swapBytes,
      pssBytes: bytes - swapBytes,
      swapBytes,
      cpuRatio: process.cpu(tS) / 100,
    };
    one.detector.push(sample);
    if (one.program !== null) fleet.observe(one.program, process.id, sample);
  };

  const review = (limit: Limit, atMs: number): void => {
    const members = [...watched].map(([id, { detector, role, program }]) => ({
      id,
      role,
      program,
      finding: detector.verdict(atMs),
    }));
    const verdicts = fleet.review(members);
    for (const { id, finding } of members) {
      const one = watched.get(id);
      const said = verdicts.get(id);
      if (one === undefined || said === undefined) continue;
      one.leak = { verdict: said.verdict, score: said.score, finding, forecast: null, confirmAtMs: null };
    }
    for (const one of sessions.values()) {
      const finding = one.detector.verdict(atMs);
      one.leak = {
        verdict: finding.verdict,
        score: finding.score,
        finding,
        forecast: toLimit(finding, limit).forecast,
        confirmAtMs: null,
      };
    }
  };

  return {
    look(tS) {
      const atMs = EPOCH_MS + tS * 1000;
      looks += 1;
      stalled.full += day.pressureFull * day.stepS * 10_000;
      stalled.some += day.pressureSome * day.stepS * 10_000;
      const sample: HostSample = {
        atMs,
        memoryTotalBytes: day.memoryTotalBytes,
        memoryAvailableBytes: day.memoryTotalBytes - day.usedBytes,
        swapTotalBytes: 0,
        swapFreeBytes: 0,
        pressure: {
          fullAvg10Percent: day.pressureFull,
          someAvg10Percent: day.pressureSome,
          fullTotalUs: stalled.full,
          someTotalUs: stalled.some,
        },
        cgroup: null,
        cpuCount: 64,
        unknown: {},
      };
      host.push(sample);
      const limit = hostLimit(sample);
      const bytes = new Map<string, number>();
      for (const process of day.live) {
        const now = day.bytesOf(process, tS);
        bytes.set(process.id, now);
        watch(process, now, tS);
      }
      for (const [id, { role, program, detector }] of watched) {
        if (bytes.has(id)) continue;
        if (program !== null) fleet.left(program, id);
        fleet.ended(role, detector.verdict(atMs));
        watched.delete(id);
      }
      watchSessions(day, sessions, bytes, tS);
      if ((tS - reviewedS) * 1000 >= reviewIntervalMs(watched.size)) {
        reviewedS = tS;
        review(limit, atMs);
      }
      const processes = [...day.live].map((process) =>
        observed(process, bytes.get(process.id) ?? 0, watched.get(process.id)?.leak ?? null, limit, tS),
      );
      return {
        atMs,
        host: sample,
        limit,
        severity: 'ok',
        hostForecast: host.forecast(sample),
        looks: { taken: looks, skipped: 0 },
        processes,
        sessions: [...day.sessions].map((session) =>
          sessionOf(session, processes, sessions.get(session.id)?.leak ?? null),
        ),
        files: [...day.sessions].map(({ id, transcript }) => ({
          path: `~/${id}.jsonl`,
          kind: 'transcript',
          sessionId: id,
          bytes: transcript.bytes,
          ratePerHourBytes: transcript.perHour,
        })),
      };
    },
  };
}

/** As `sameProgram` in the service: agents and servers only. All sessions here begin with the same command. */
const programOf = ({ role, server }: SimProcess): string | null =>
  role === 'agent' || role === 'server' ? `${role} ${server ?? ''}` : null;

function watchSessions(day: Day, sessions: Map<string, Watched>, bytes: ReadonlyMap<string, number>, tS: number): void {
  const sums = new Map<string, { bytes: number; cpu: number; count: number }>();
  for (const process of day.live) {
    if (process.session === null || process.orphanS <= tS) continue;
    const sum = sums.get(process.session.id) ?? { bytes: 0, cpu: 0, count: 0 };
    sum.bytes += bytes.get(process.id) ?? 0;
    sum.cpu += process.cpu(tS) / 100;
    sum.count += 1;
    sums.set(process.session.id, sum);
  }
  for (const id of sessions.keys()) if (!sums.has(id)) sessions.delete(id);
  for (const [id, sum] of sums) {
    let one = sessions.get(id);
    if (one === undefined)
      sessions.set(id, (one = { detector: createLeakDetector(), role: 'session', program: null, leak: null }));
    one.detector.push({ tMs: EPOCH_MS + tS * 1000, rssBytes: sum.bytes, cpuRatio: sum.cpu, children: sum.count });
  }
}

function observed(
  process: SimProcess,
  bytes: number,
  leak: ObservedProcess['leak'],
  limit: Limit,
  tS: number,
): ObservedProcess {
  const isOrphan = process.orphanS + 60 <= tS;
  const isDuplicate = process.duplicateS <= tS;
  const own = limitOf(process, bytes, limit);
  return {
    id: process.id,
    pid: Number(process.id.split(':')[0]),
    name: process.server ?? process.role,
    command: [],
    runtime: 'node',
    role: process.role,
    client: 'claude-code',
    sessionId: process.session?.id ?? null,
    serverName: process.server,
    experience: process.server ?? process.role,
    lifecycle: isOrphan ? 'orphan' : isDuplicate ? 'duplicate' : 'idle',
    lifecycleConfidence: 90,
    lastActiveMs: null,
    startedAtMs: EPOCH_MS + process.startS * 1000,
    footprintBytes: bytes,
    isProportional: true,
    rssBytes: bytes,
    swapBytes: 0,
    cpuPercent: process.cpu(tS),
    limit: own,
    leak: leak === null ? null : { ...leak, forecast: toLimit(leak.finding, own).forecast },
    usualFootprint: null,
    heap: null,
  };
}

const HEAP_LIMIT_BYTES = 4096 * MIB;

/** Agents, servers and tools are Node programs: their heap's limit binds before the machine's. Of strangers it is not known. */
function limitOf({ role }: SimProcess, bytes: number, host: Limit): Limit {
  const headroomBytes = HEAP_LIMIT_BYTES - bytes;
  if (role === 'other' || headroomBytes <= 0 || headroomBytes >= (host.headroomBytes ?? 0)) return host;
  return { kind: 'v8-old-space', limitBytes: HEAP_LIMIT_BYTES, usedBytes: null, headroomBytes, source: 'V8 heap.' };
}

function sessionOf(
  session: SimSession,
  processes: readonly ObservedProcess[],
  leak: ObservedSession['leak'],
): ObservedSession {
  const own = processes.filter(({ sessionId }) => sessionId === session.id);
  const totalBytes = own.reduce((sum, { footprintBytes }) => sum + footprintBytes, 0);
  return {
    sessionId: session.id,
    client: 'claude-code',
    name: null,
    cwd: null,
    lifecycle: 'busy',
    startedAtMs: EPOCH_MS + session.startS * 1000,
    totalBytes,
    rssBytes: totalBytes,
    processes: own.map(({ id }) => id),
    leak,
  };
}
