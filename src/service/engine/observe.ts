import { hostLimit } from '../../limits/index.ts';
import type {
  HostSample,
  LearnedThreshold,
  Limit,
  Observation,
  ObservedFile,
  ObservedProcess,
  ObservedSession,
  ProcessKey,
  RegistryClaim,
  Severity,
} from '../../model/index.ts';
import { buildSessions, type ReportRow } from '../../sessions/index.ts';
import { toLimit } from '../leaks/report.ts';
import { experienceOf, type WatchedLeak } from '../leaks/watch.ts';

export interface ObservationInput {
  readonly atMs: number;
  readonly host: HostSample;
  readonly severity: Severity;
  readonly hostForecast: Observation['hostForecast'];
  readonly looks: Observation['looks'];
  readonly rows: readonly ReportRow[];
  readonly claims: readonly RegistryClaim[];
  readonly leaks: readonly WatchedLeak[];
  /** Growth of whole sessions, by session id. */
  readonly sessionLeaks: ReadonlyMap<string, ObservedSession['leak']>;
  /** Heaps that inspections or the processes themselves told. */
  readonly heaps: ReadonlyMap<ProcessKey, NonNullable<ObservedProcess['heap']>>;
  readonly files: readonly ObservedFile[];
  /** Of what runs (`experience`): the size from which on it is unusual; null: not known. */
  readonly usualFootprint: (experience: string) => LearnedThreshold | null;
}

/** Everything at one moment, as alerts, advice and the black box see it. */
export function observation(input: ObservationInput): Observation {
  const { atMs, host, severity, hostForecast, looks, files } = input;
  const leaks = new Map(input.leaks.map((leak) => [leak.key, leak]));
  return {
    atMs,
    host,
    limit: hostLimit(host),
    severity,
    hostForecast,
    looks,
    processes: input.rows.map((row) =>
      observedProcess(
        row,
        leaks.get(row.sample.key),
        input.heaps.get(row.sample.key) ?? null,
        input.usualFootprint(experienceOf(row)),
      ),
    ),
    sessions: buildSessions(input.rows, input.claims).map((session) => ({
      sessionId: session.sessionId,
      client: session.client,
      name: session.name,
      cwd: session.cwd,
      lifecycle: session.verdict,
      startedAtMs: session.startedAtMs,
      totalBytes: session.totalBytes,
      rssBytes: session.rssBytes,
      processes: session.processes.map(({ id }) => id),
      leak: input.sessionLeaks.get(session.sessionId) ?? null,
    })),
    files,
  };
}

function observedProcess(
  { sample, facts, attribution, verdict, limit, cpuPercent }: ReportRow,
  leak: WatchedLeak | undefined,
  heap: ObservedProcess['heap'],
  usualFootprint: ObservedProcess['usualFootprint'],
): ObservedProcess {
  const { footprint } = sample;
  return {
    id: sample.key,
    pid: sample.pid,
    name: attribution.serverName ?? facts.comm,
    command: facts.argv,
    runtime: facts.runtime,
    role: attribution.role,
    client: attribution.client,
    sessionId: attribution.sessionId,
    serverName: attribution.serverName,
    experience: experienceOf({ attribution, facts }),
    lifecycle: verdict.verdict,
    lifecycleConfidence: verdict.confidence,
    lastActiveMs: verdict.lastActiveMs,
    startedAtMs: facts.startedAtMs,
    footprintBytes: footprint === null ? sample.rssBytes : footprint.pssBytes + footprint.swapBytes,
    isProportional: footprint !== null,
    rssBytes: sample.rssBytes,
    swapBytes: footprint?.swapBytes ?? null,
    cpuPercent,
    limit,
    leak: leak === undefined ? null : observedLeak(leak, limit),
    usualFootprint,
    heap,
  };
}

function observedLeak(
  { finding, fleet, confirmAtMs }: WatchedLeak,
  limit: Limit | null,
): NonNullable<ObservedProcess['leak']> {
  const { forecast } = toLimit(finding, limit);
  return { verdict: fleet.verdict, score: fleet.score, finding, forecast, confirmAtMs };
}
