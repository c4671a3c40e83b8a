import { hostLimit } from '../../limits/index.ts';
import type { HostSample, Observation, StatusReport } from '../../model/index.ts';
import { createEndings } from './endings.ts';
import type { Engine, EngineConfig, EngineDeps } from './shape.ts';
import { createEventStream } from './events.ts';
import { foundProcess } from '../answers/found-process.ts';
import { healthReport } from '../answers/health.ts';
import { createLeakMemory } from '../leaks/memory.ts';
import { recall } from '../leaks/replay.ts';
import { leakReport, replayedLeak } from '../leaks/report.ts';
import { createLeakWatch } from '../leaks/watch.ts';
import { listProcesses } from '../answers/list-processes.ts';
import { createOutlook } from './outlook.ts';
import { queryMetrics } from '../answers/query-metrics.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import { coverageNotes, reportRows, statusReport } from '../answers/reports.ts';
import { createRounds } from './rounds.ts';
import { createSelfMeter } from './self-cost.ts';
import { selfReport } from './self.ts';
import { shared } from './serial.ts';
import { watchSessions } from './session-series.ts';
import { sourceChecks } from '../answers/source-checks.ts';
import { viewOf } from './view.ts';
import { createWorld } from './world.ts';

/** Answers questions from what the rounds saw. */
export function createEngine(config: EngineConfig, deps: EngineDeps): Engine {
  const { clock, source, history } = deps;
  const onProblem = deps.onProblem ?? (() => undefined);
  const world = createWorld(source, clock, { ownPid: deps.ownPid, confirmMs: deps.confirmMs });
  const events = createEventStream(onProblem);
  const recorder: Recorder | null = history === null ? null : createRecorder(history);
  const meter = createSelfMeter(clock);
  const sessions = watchSessions(events);
  const leaks = createLeakWatch(deps.leakRoles?.known, deps.leakPace);
  const leakMemory = createLeakMemory(leaks, { clock, history, roles: deps.leakRoles ?? null, onProblem });
  const outlook = createOutlook({ leaks, readFiles: deps.readFiles, reviewMs: deps.leakPace?.reviewMs });
  const endings = createEndings(world, leaks);
  const rounds = createRounds(config, {
    clock,
    source,
    world,
    events,
    endings,
    leaks,
    leakMemory,
    outlook,
    sessions,
    recorder,
    readRegistry: deps.readRegistry,
    confirmMs: deps.confirmMs,
    onProblem,
  });
  const { seen, serial } = rounds;
  /** Made once a look. */
  let observed: { readonly look: number; readonly observation: Promise<Observation> } | null = null;

  const buildStatus = async (host: HostSample): Promise<StatusReport> => {
    const nowMs = clock.nowMs();
    const figures = {
      sweepMs: seen.sweepMs,
      skippedTicks: rounds.skipped(),
      historyBytes: history?.stats().bytes ?? null,
    };
    return statusReport({
      origin: deps.origin,
      atMs: nowMs,
      host,
      severity: seen.severity,
      rows: await reportRows(world, source, host),
      claims: world.claims,
      reserveShare: config.room.reserveShare,
      rampart: meter.read(figures),
      coverage: {
        source: source.name,
        processes: world.rows.size,
        hidden: seen.hidden,
        notes: coverageNotes(seen.hidden),
      },
    });
  };

  const looks = (): Observation['looks'] => ({ taken: seen.sweepsTaken, skipped: rounds.skipped() });

  const buildObservation = (host: HostSample): Promise<Observation> =>
    outlook.observe({
      atMs: clock.nowMs(),
      host,
      severity: seen.severity,
      looks: looks(),
      rows: (isWanted) => reportRows(world, source, host, isWanted),
      claims: world.claims,
      heaps: deps.heaps ?? new Map(),
      usualFootprint: deps.usualFootprint ?? (() => null),
    });

  // Many agents ask at once; one answer serves all who wait for it.
  const status = shared(() => serial(async () => buildStatus(await rounds.refresh(true))));
  const listing = shared(() => serial(async () => buildStatus(await rounds.refresh(false))));

  return {
    start: () => rounds.start(),
    stop: async () => {
      await rounds.stop();
      await leakMemory.stop();
    },
    confirmLeak: (key, floor) => leaks.confirm(key, floor),
    tick: () => rounds.tick(),
    snapshot: () => serial(async () => buildStatus(seen.host ?? (await rounds.refresh(false)))),
    lookNow: () =>
      serial(async () => {
        const host = await rounds.sweep(true);
        await rounds.look();
        return viewOf(world, host, seen.severity, clock.nowMs());
      }),
    observe: async () => {
      if (seen.host === null || seen.looks === 0) return null;
      if (observed === null || observed.look !== seen.looks) {
        observed = { look: seen.looks, observation: buildObservation(seen.host) };
      }
      return observed.observation;
    },
    glance: () => {
      const { host, severity } = seen;
      return host === null ? null : { atMs: host.atMs, host, limit: hostLimit(host), severity, looks: looks() };
    },
    publish: (event) => events.publish(event),
    find: (target) => serial(async () => foundProcess(world, source, await rounds.refresh(false), target)),
    status,
    self: async (caller) => {
      // A caller that has just started is in no sweep yet.
      if (caller.pid !== null && world.byPid(caller.pid) === null) await serial(() => rounds.sweep(true));
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
      return healthReport({
        status: report,
        severityReason: seen.severityReason,
        history: history?.stats() ?? null,
        newOomKills: seen.newOomKills,
        problems: seen.registryProblems.map(({ path, reason }) => `${path}: ${reason}`),
      });
    },
    doctor: async () => {
      await serial(() => rounds.refresh(false));
      const checks = sourceChecks(await source.capabilities(), seen.registryProblems);
      return { schemaVersion: 1, atMs: clock.nowMs(), checks: [...checks, ...((await deps.surroundings?.()) ?? [])] };
    },
    subscribe: async (listener) => events.subscribe(listener),
    watchEndings: (listener) => endings.watch(listener),
    rows: world.rows,
    close: () => rounds.stop(),
  };
}
