import type { LeakDetector } from '../../detectors/index.ts';
import { hostLimit } from '../../limits/index.ts';
import type {
  HostSample,
  Lifecycle,
  Limit,
  Observation,
  ObservedFile,
  ObservedProcess,
  ObservedSession,
  ProcessKey,
  Role,
} from '../../model/index.ts';
import { createHostOutlook } from '../engine/host-outlook.ts';
import { toLimit } from '../leaks/report.ts';
import type { SeriesValue } from './notation.ts';
import type { RuleTest } from './format.ts';
import { detected, stated } from './leaks.ts';
import { readSubjects, type Subject } from './subjects.ts';
import { statedUsual } from './usual.ts';

/** The series of one test as observations, one for each look; null where nothing was seen (`_` in the host's memory). */
export interface TestWorld {
  at(elapsedMs: number, atMs: number): Observation | null;
}

const GIB = 1024 ** 3;

export function createTestWorld(test: RuleTest, intervalMs: number): TestWorld {
  const subjects = readSubjects(test);
  const host = createHostOutlook();
  const detectors = new Map<string, LeakDetector>();
  let looks = 0;
  let lookStartMs = 0;
  const stalledUs = { some: 0, full: 0 };

  return {
    at(elapsedMs, atMs) {
      const index = Math.floor(elapsedMs / intervalMs);
      const spanMs = elapsedMs - lookStartMs;
      lookStartMs = elapsedMs;
      const read = (subject: Subject | undefined, field: string): SeriesValue | undefined => {
        const values = subject?.fields.get(field);
        return values === undefined ? undefined : (values[index] ?? null);
      };
      const figure = (subject: Subject | undefined, field: string): number | null => {
        const value = read(subject, field);
        return typeof value === 'number' ? value : null;
      };
      const machine = subjects.find(({ name }) => name.of === 'host');
      const availability = read(machine, 'memoryAvailableBytes');
      if (availability === null) return null;
      looks += 1;
      const full = figure(machine, 'pressureFullPercent') ?? 0;
      const some = figure(machine, 'pressureSomePercent') ?? full;
      stalledUs.some += some * spanMs * 10;
      stalledUs.full += full * spanMs * 10;
      const sample: HostSample = {
        atMs,
        memoryTotalBytes: figure(machine, 'memoryTotalBytes') ?? 16 * GIB,
        memoryAvailableBytes: typeof availability === 'number' ? availability : 12 * GIB,
        swapTotalBytes: figure(machine, 'swapTotalBytes') ?? 0,
        swapFreeBytes: figure(machine, 'swapFreeBytes') ?? 0,
        pressure:
          read(machine, 'pressureFullPercent') === null
            ? null
            : {
                fullAvg10Percent: full,
                someAvg10Percent: some,
                someTotalUs: stalledUs.some,
                fullTotalUs: stalledUs.full,
              },
        cgroup: null,
        cpuCount: 8,
        unknown: {},
      };
      host.push(sample);
      const limit = hostLimit(sample);
      const leakOf = (subject: Subject, footprintBytes: number | null): ObservedProcess['leak'] => {
        const verdict = read(subject, 'leakVerdict');
        if (verdict === undefined && footprintBytes === null) return null;
        const finding =
          verdict === undefined
            ? detected(
                detectors,
                subject.name.labels['id'] ?? '',
                footprintBytes ?? 0,
                figure(subject, 'cpuPercent'),
                atMs,
              )
            : stated(
                verdict,
                figure(subject, 'leakScore'),
                figure(subject, 'leakRatePerHourBytes'),
                read(subject, 'leakKind'),
                footprintBytes,
                atMs,
              );
        const own = figure(subject, 'limitBytes');
        const binding =
          own === null
            ? limit
            : ownLimit(own, read(subject, 'limitKind'), footprintBytes ?? 0, subject.name.labels['id']);
        return {
          verdict: finding.verdict,
          score: finding.score,
          finding,
          forecast: toLimit(finding, binding).forecast,
          confirmAtMs: null,
        };
      };
      const processes = subjects
        .filter(({ name }) => name.of === 'process')
        .flatMap((subject) => {
          const bytes = figure(subject, 'footprintBytes');
          return bytes === null
            ? []
            : [
                {
                  ...processOf(subject, bytes, leakOf(subject, bytes), limit, (field) => read(subject, field), atMs),
                  startedAtMs: startOf(subject, atMs - elapsedMs, intervalMs),
                },
              ];
        });
      return {
        atMs,
        host: sample,
        limit,
        severity: 'ok',
        hostForecast: host.forecast(sample),
        looks: {
          taken: looks,
          skipped:
            figure(
              subjects.find(({ name }) => name.of === 'looks'),
              'skipped',
            ) ?? 0,
        },
        processes,
        sessions: sessionsOf(processes, (id) => {
          const subject = subjects.find(({ name }) => name.of === 'session' && name.labels['id'] === id);
          return subject === undefined ? null : leakOf(subject, null);
        }),
        files: subjects
          .filter(({ name }) => name.of === 'file')
          .flatMap((subject) => fileOf(subject, figure(subject, 'bytes'), figure(subject, 'ratePerHourBytes'))),
      };
    },
  };
}

/** The first of its values; null: it was there when the test began. */
function startOf({ fields }: Subject, beginMs: number, intervalMs: number): number | null {
  const first = fields.get('footprintBytes')?.findIndex((value) => value !== null) ?? 0;
  return first <= 0 ? null : beginMs + first * intervalMs;
}

function processOf(
  { name: { labels } }: Subject,
  footprintBytes: number,
  leak: ObservedProcess['leak'],
  limit: Observation['limit'],
  read: (field: string) => SeriesValue | undefined,
  atMs: number,
): Omit<ObservedProcess, 'startedAtMs'> {
  const number = (field: string): number | null => {
    const value = read(field);
    return typeof value === 'number' ? value : null;
  };
  const id = (labels['id'] ?? '1:1') as ProcessKey;
  const usedBytes = number('heapUsedBytes');
  const own = number('limitBytes');
  return {
    id,
    pid: Number(id.split(':')[0]),
    name: labels['server'] ?? 'process',
    command: [],
    runtime: 'node',
    role: (labels['role'] ?? 'server') as Role,
    client: labels['client'] ?? 'claude-code',
    sessionId: labels['session'] ?? null,
    serverName: labels['server'] ?? null,
    experience: labels['server'] ?? 'process',
    lifecycle: (read('lifecycle') ?? 'idle') as Lifecycle,
    lifecycleConfidence: 90,
    lastActiveMs: null,
    footprintBytes,
    isProportional: true,
    rssBytes: footprintBytes,
    swapBytes: 0,
    cpuPercent: number('cpuPercent'),
    limit: own === null ? limit : ownLimit(own, read('limitKind'), footprintBytes, id),
    leak,
    usualFootprint: statedUsual(number('usualBytes'), number('usualSamples'), labels['server'], limit.limitBytes),
    heap:
      usedBytes === null
        ? null
        : {
            threadId: 0,
            name: 'main',
            usedBytes,
            totalBytes: number('heapTotalBytes') ?? usedBytes,
            physicalBytes: null,
            limitBytes: number('heapLimitBytes'),
            externalBytes: null,
            arrayBuffersBytes: null,
            spaces: [],
            atMs,
            isAfterGc: number('heapIsAfterGc') !== 0,
          },
  };
}

/** A cgroup's unless the test says that it is the V8 heap's, whose use is not seen from outside. */
function ownLimit(limitBytes: number, kind: SeriesValue | undefined, bytes: number, id: string | undefined): Limit {
  const isHeap = kind === 'v8-old-space';
  return {
    kind: isHeap ? 'v8-old-space' : 'cgroup',
    limitBytes,
    usedBytes: isHeap ? null : bytes,
    headroomBytes: limitBytes - bytes,
    source: `Limit of ${limitBytes} bytes of ${id ?? 'a process'}.`,
  };
}

function sessionsOf(
  processes: readonly ObservedProcess[],
  leakOf: (id: string) => ObservedSession['leak'],
): ObservedSession[] {
  const ids = new Set(processes.flatMap(({ sessionId }) => (sessionId === null ? [] : [sessionId])));
  return [...ids].map((sessionId) => {
    const own = processes.filter((process) => process.sessionId === sessionId);
    const totalBytes = own.reduce((sum, { footprintBytes }) => sum + footprintBytes, 0);
    return {
      sessionId,
      client: own[0]?.client ?? 'claude-code',
      name: null,
      cwd: null,
      lifecycle: 'idle',
      startedAtMs: null,
      totalBytes,
      rssBytes: totalBytes,
      processes: own.map(({ id }) => id),
      leak: leakOf(sessionId),
    };
  });
}

function fileOf({ name: { labels } }: Subject, bytes: number | null, ratePerHourBytes: number | null): ObservedFile[] {
  if (bytes === null) return [];
  const kind = (labels['kind'] ?? 'transcript') as ObservedFile['kind'];
  return [{ path: labels['path'] ?? 'file', kind, sessionId: labels['session'] ?? null, bytes, ratePerHourBytes }];
}
