import { hostLimit } from '../limits/index.ts';
import type { HostSample, Observation, Registry, Severity, StatusReport } from '../model/index.ts';
import type { Engine, EngineConfig, EngineDeps } from './engine-shape.ts';
import { createEndings } from './endings.ts';
import { sourceChecks } from './source-checks.ts';
import { createEventStream, publishComings } from './events.ts';
import { readFirstFootprints, refreshTrees } from './footprints.ts';
import { healthReport } from './health.ts';
import { leakReport, replayedLeak } from './leak-report.ts';
import { recall } from './leak-replay.ts';
import { createOutlook } from './outlook.ts';
import { createLeakMemory } from './leak-memory.ts';
import { createLeakWatch } from './leak-watch.ts';
import { listProcesses } from './list-processes.ts';
import { queryMetrics } from './query-metrics.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import { coverageNotes, reportRows, statusReport } from './reports.ts';
import { foundProcess } from './found-process.ts';
import { selfReport } from './self.ts';
import { createSerial, shared } from './serial.ts';
import { createSelfMeter } from './self-cost.ts';
import { recordSessions, watchSessions } from './session-series.ts';
import { steadySeverity } from './severity.ts';
import { createTicker } from './ticker.ts';
import { viewOf } from './view.ts';
import { createWorld } from './world.ts';

/** Signs of life and files on disk change slowly, and cost twenty times a sample. */
const LOOK_INTERVAL_MS = 10_000;
/** A dead peer must be seen twice, this far apart (`LIFECYCLE_DEFAULTS.confirmMs`, with room for the timer). */
const CONFIRM_MS = 1_000;
const CONFIRM_SLACK_MS = 50;
/** Of one core. A third of all that the service may use when it idles; 1,000 processes are attributed every 4 s then. */
const ATTRIBUTION_SHARE = 0.001;
/** A query is answered from figures no older than these. */
const FRESH_SWEEP_MS = 1_000;
const FRESH_LOOK_MS = 2_000;
/** 2 ms/s while anything of an agent is unread: fifty new processes are through after a minute. */
const FIRST_FOOTPRINT_BUDGET_MS = 20;
/** What a status query may spend on reading PSS anew: 50–1,000 processes; an agent waits that long without a thought. */
const FOOTPRINT_BUDGET_MS = 400;

export function createEngine(config: EngineConfig, deps: EngineDeps): Engine {
  const { clock, source, history } = deps;
  const onProblem = deps.onProblem ?? (() => undefined);
  const world = createWorld(source, clock, { ownPid: deps.ownPid, confirmMs: deps.confirmMs });
  const events = createEventStream(onProblem);
  const recorder: Recorder | null = history === null ? null : createRecorder(history);
  const meter = createSelfMeter(clock);
  const sessions = watchSessions(events);
  const leaks = createLeakWatch(deps.leakRoles?.known);
  const leakMemory = createLeakMemory(leaks, { clock, history, roles: deps.leakRoles ?? null, onProblem });
  const outlook = createOutlook({ leaks, readFiles: deps.readFiles });
  const endings = createEndings(world, leaks);
  const lookSoonMs = (deps.confirmMs ?? CONFIRM_MS) + CONFIRM_SLACK_MS;
  const serial = createSerial();
  const ticker = createTicker(clock, config.sampleInterval, () => tick());

  let host: HostSample | null = null;
  let severity: Severity = 'ok';
  let severityReason = '';
  let hidden = 0;
  let sweepMs: number | null = null;
  let sweptAtMs = Number.NEGATIVE_INFINITY;
  let completeAtMs = Number.NEGATIVE_INFINITY;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  /** Looks that are wanted soon: at first, and when an agent has gone, since a dead peer must be seen twice. */
  let looksSoon = 2;
  let ownersMayDiffer = true;
  let attributeAtMs = Number.NEGATIVE_INFINITY;
  let firstOomKills: number | null = null;
  let registryProblems: Registry['problems'] = [];
  let observed: Promise<Observation> | null = null;
  let looksTaken = 0;

  const sweep = async (complete: boolean): Promise<HostSample> => {
    const seen = await source.sample({ complete });
    sweptAtMs = clock.monotonicMs();
    if (complete) completeAtMs = sweptAtMs;
    host = seen.host;
    hidden = seen.hidden ?? 0;
    sweepMs = seen.costMs;
    firstOomKills ??= seen.host.cgroup?.oomKills ?? null;
    if (world.losesAgent(seen.exited)) looksSoon = 2;
    const ended = endings.of(seen);
    for (const key of seen.exited) recorder?.forget(key);
    recorder?.sweep(seen, (key) => world.isAgents(key));
    if (await world.absorb(seen, complete)) ownersMayDiffer = true;
    leaks.sweep(seen, world.rows);
    outlook.sweep(seen.host);
    if (ended !== null) endings.tell(ended);
    // Where something starts every second, owners are worked out within a small share of a core, and for every query.
    if (ownersMayDiffer && (complete || sweptAtMs >= attributeAtMs)) attribute(seen.atMs);
    publishComings(events, seen);
    judge(seen.host);
    return seen.host;
  };

  const attribute = (atMs: number): void => {
    const fromMs = clock.monotonicMs();
    world.attribute();
    sessions.update(world.rows, atMs);
    ownersMayDiffer = false;
    const toMs = clock.monotonicMs();
    attributeAtMs = toMs + (toMs - fromMs) / ATTRIBUTION_SHARE;
  };

  const judge = (seen: HostSample): void => {
    const now = steadySeverity(hostLimit(seen), seen.pressure, config.memoryThresholds, severity);
    severityReason = now.reason;
    if (now.severity === severity) return;
    const from = severity;
    severity = now.severity;
    events.publish({ type: 'severity', atMs: seen.atMs, from, to: severity, reason: now.reason });
  };

  const look = async (): Promise<void> => {
    lookedAtMs = clock.monotonicMs();
    looksSoon = Math.max(0, looksSoon - 1);
    const registry = await deps.readRegistry(world.agentDirs());
    registryProblems = registry.problems;
    world.setClaims(registry.claims);
    attribute(clock.nowMs());
    await world.look();
    leaks.look(world.rows);
    outlook.look(world.rows, clock.nowMs());
    observed = null;
    await readFirstFootprints(source, clock, world.rows.values(), FIRST_FOOTPRINT_BUDGET_MS);
    if (recorder === null || host === null) return;
    recordSessions(recorder, world.rows, host.atMs);
    const { user, system } = process.cpuUsage();
    recorder.own(host.atMs, process.memoryUsage.rss(), (user + system) / 1000);
  };

  const tick = (): Promise<void> =>
    serial(async () => {
      try {
        const seen = await sweep(false);
        looksTaken += 1;
        const sinceLookMs = clock.monotonicMs() - lookedAtMs;
        if (sinceLookMs >= LOOK_INTERVAL_MS || (looksSoon > 0 && sinceLookMs >= lookSoonMs)) await look();
        await leakMemory.tick(world.rows);
        events.publish({
          type: 'tick',
          atMs: seen.atMs,
          processes: world.rows.size,
          memoryAvailableBytes: seen.memoryAvailableBytes,
        });
      } catch (error) {
        // The next look may work; a monitor that ends here would be blind when it matters.
        onProblem(error);
      }
    });

  /** Figures fresh enough to answer from. */
  const refresh = async (withFootprints: boolean): Promise<HostSample> => {
    const isFresh = clock.monotonicMs() - completeAtMs < FRESH_SWEEP_MS;
    const seen = isFresh && host !== null ? host : await sweep(true);
    if (clock.monotonicMs() - lookedAtMs >= FRESH_LOOK_MS) await look();
    if (withFootprints) await refreshTrees(source, clock, [...world.rows.values()], FOOTPRINT_BUDGET_MS);
    return seen;
  };

  const buildStatus = async (seen: HostSample): Promise<StatusReport> => {
    const nowMs = clock.nowMs();
    const figures = { sweepMs, skippedTicks: ticker.skipped(), historyBytes: history?.stats().bytes ?? null };
    return statusReport({
      origin: deps.origin,
      atMs: nowMs,
      host: seen,
      severity,
      rows: await reportRows(world, source, seen),
      claims: world.claims,
      reserveShare: config.room.reserveShare,
      rampart: meter.read(figures),
      coverage: { source: source.name, processes: world.rows.size, hidden, notes: coverageNotes(hidden) },
    });
  };

  const looks = (): Observation['looks'] => ({ taken: looksTaken, skipped: ticker.skipped() });

  const buildObservation = (seen: HostSample): Promise<Observation> =>
    outlook.observe({
      atMs: clock.nowMs(),
      host: seen,
      severity,
      looks: looks(),
      rows: (isWanted) => reportRows(world, source, seen, isWanted),
      claims: world.claims,
      heaps: deps.heaps ?? new Map(),
      usualFootprint: deps.usualFootprint ?? (() => null),
    });

  // Many agents ask at once; one answer serves all who wait for it.
  const status = shared(() => serial(async () => buildStatus(await refresh(true))));
  const listing = shared(() => serial(async () => buildStatus(await refresh(false))));

  return {
    start: () => ticker.start(),
    stop: async () => {
      await ticker.stop();
      await leakMemory.stop();
    },
    confirmLeak: (key, floor) => leaks.confirm(key, floor),
    tick,
    snapshot: () => serial(async () => buildStatus(host ?? (await refresh(false)))),
    lookNow: () =>
      serial(async () => {
        const seen = await sweep(true);
        await look();
        return viewOf(world, seen, severity, clock.nowMs());
      }),
    observe: async () => {
      if (host === null || lookedAtMs === Number.NEGATIVE_INFINITY) return null;
      observed ??= buildObservation(host);
      return observed;
    },
    glance: () => (host === null ? null : { atMs: host.atMs, host, limit: hostLimit(host), severity, looks: looks() }),
    publish: (event) => events.publish(event),
    find: (target) => serial(async () => foundProcess(world, source, await refresh(false), target)),
    status,
    self: async (caller) => {
      // A caller that has just started is in no sweep yet.
      if (caller.pid !== null && world.byPid(caller.pid) === null) await serial(() => sweep(true));
      return selfReport(caller, world, await status());
    },
    listProcesses: async (query) => {
      const { sessions: bill, unattributed, atMs } = await listing();
      return listProcesses([...bill.flatMap((session) => session.processes), ...unattributed], query, atMs);
    },
    queryMetrics: (query) =>
      queryMetrics(
        history,
        {
          keyOfPid: (pid) => world.byPid(pid)?.sample.key ?? null,
          examples: () => sessions.examples(world.rows),
        },
        query,
      ),
    detectLeaks: async (query) => {
      const report = await listing();
      if (query.windowMs === undefined) return leakReport(report, leaks.review(report.atMs), query);
      return replayedLeak(report, query, (key, fromMs) => recall(history, key, fromMs, report.atMs));
    },
    health: async () => {
      const report = await status();
      const oomKills = report.host.cgroup?.oomKills ?? null;
      return healthReport({
        status: report,
        severityReason,
        history: history?.stats() ?? null,
        newOomKills: oomKills === null || firstOomKills === null ? null : oomKills - firstOomKills,
        problems: registryProblems.map(({ path, reason }) => `${path}: ${reason}`),
      });
    },
    doctor: async () => {
      await serial(() => refresh(false));
      const checks = sourceChecks(await source.capabilities(), registryProblems);
      return { schemaVersion: 1, atMs: clock.nowMs(), checks: [...checks, ...((await deps.surroundings?.()) ?? [])] };
    },
    subscribe: async (listener) => events.subscribe(listener),
    watchEndings: (listener) => endings.watch(listener),
    rows: world.rows,
    close: () => ticker.stop(),
  };
}
