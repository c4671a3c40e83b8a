import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionFiles } from '../../integrations/index.ts';
import type {
  AuditEntry,
  Clock,
  Companion,
  DeathTraces,
  ExitWatch,
  ProcessId,
  ProcessKey,
  RawExit,
  Remembering,
  Store,
} from '../../model/index.ts';
import { type Body, examine } from './autopsy.ts';
import { openDeathLog } from './death-log.ts';
import { findDeaths } from './find-deaths.ts';
import { bodyOf, companionsOf, type Grave, isAlive, LOOK_BACK_MS, matters, type Scene } from './grave.ts';
import { followAlerts } from './last-alerts.ts';
import type { QueryHistory } from './last-curve.ts';
import { leftBehind } from './left-behind.ts';
import { watchOom } from './oom-watch.ts';
import { keepRoster } from './roster.ts';
import type { Ended, Endings } from '../engine/endings.ts';
import type { Engine } from '../engine/shape.ts';

export interface BlackBoxDeps {
  readonly engine: Pick<Engine, 'subscribe' | 'publish' | 'watchEndings' | 'rows'>;
  readonly clock: Clock;
  readonly store: Store;
  readonly query: QueryHistory;
  readonly exits: ExitWatch;
  /** The exit status of a zombie. */
  readonly zombie: (ended: Ended) => RawExit | null;
  /** Null: the system cannot tell. */
  readonly runsNow: (process: ProcessId) => boolean | null;
  readonly traces: DeathTraces;
  readonly sessionFiles: SessionFiles;
  readonly audit: (fromMs: number) => Promise<readonly AuditEntry[]>;
  readonly shortPath: (path: string) => string;
  /** Another one after each start of the machine; null: not known here. */
  readonly bootId: string | null;
  readonly onProblem: (error: unknown) => void;
  /** See SETTLE_MS. */
  readonly settleMs?: number;
}

export interface BlackBox extends Remembering {
  close(): Promise<void>;
}

/** Logs, transcripts and core dumps are written a moment after the end; and servers follow their agent within that. */
const SETTLE_MS = 2_500;
/** More than these at once are one catastrophe, and its first victims tell it. */
const MAX_BODIES = 64;
/** A server follows its agent within seconds; a swarm that ends at once has hundreds of processes. */
const RECENT_MS = 60_000;
const MAX_RECENT = 500;

/** The black box: notes what ends, finds out who did it, and remembers it over restarts. */
export async function openBlackBox(deps: BlackBoxDeps): Promise<BlackBox> {
  const { engine, clock, traces } = deps;
  const log = await openDeathLog(deps.store);
  const roster = keepRoster(deps.store, deps.bootId);
  const before = await roster.read();
  const oom = watchOom(traces);
  const alerts = followAlerts();
  const closing = new AbortController();
  const running = new Set<Promise<void>>();
  let graves: Grave[] = [];
  let isFirstLook = true;

  const lives = (key: ProcessKey): boolean => isAlive(engine.rows, key, (process) => deps.runsNow(process));

  const run = (work: () => Promise<void>): void => {
    const done = work()
      .catch(deps.onProblem)
      .finally(() => running.delete(done));
    running.add(done);
  };

  const settle = (): Promise<unknown> =>
    sleep(deps.settleMs ?? SETTLE_MS, null, { signal: closing.signal, ref: false }).catch(() => null);

  const cgroupsInUse = (): Set<string> => {
    const found = new Set<string>();
    for (const { facts, attribution } of engine.rows.values()) {
      if (attribution.role !== 'other' && facts.cgroup !== null) found.add(facts.cgroup);
    }
    return found;
  };

  const judge = async (body: Body, companions: readonly Companion[]): Promise<void> => {
    const death = await examine(body, companions, { ...deps, alertsAbout: (watched) => alerts.about(watched) });
    if (death === null) return;
    await log.add(death);
    engine.publish({ type: 'death', atMs: death.diedBeforeMs, death });
  };

  const onEndings = async (endings: Endings): Promise<void> => {
    // Read at once: the cgroup of the last process of a scope goes with it.
    const counts = oom.read(endings.ended.flatMap(({ facts }) => facts.cgroup ?? []));
    const exits = await exitsOf(endings);
    const now = endings.ended.map((ended) => ({
      ended,
      exit: exits.get(ended.sample.key) ?? null,
      atMs: endings.atMs,
    }));
    graves = [...graves.filter(({ atMs }) => endings.atMs - atMs < RECENT_MS), ...now].slice(-MAX_RECENT);
    const suspects = now.filter(matters).slice(0, MAX_BODIES);
    if (suspects.length === 0) return;
    await settle();
    const scene: Scene = {
      endings,
      graves,
      rows: engine.rows,
      isAlive: lives,
      rise: (sinceMs, cgroup) => oom.rise(counts, sinceMs, cgroup),
    };
    for (const grave of suspects) await judge(bodyOf(grave, scene), companionsOf(grave, graves));
  };

  const exitsOf = async ({ ended, atMs }: Endings): Promise<Map<ProcessKey, RawExit>> => {
    const asked = ended.map(({ sample, isZombie }) => ({
      pid: sample.pid,
      startTime: sample.startTime,
      afterMs: isZombie ? atMs - LOOK_BACK_MS : sample.sampledAtMs,
    }));
    const exits = new Map(await deps.exits.ask(asked));
    for (const one of ended) {
      const found = exits.has(one.sample.key) || !one.isZombie ? null : deps.zombie(one);
      if (found !== null) exits.set(one.sample.key, found);
    }
    return exits;
  };

  const onLook = async (): Promise<void> => {
    const nowMs = clock.nowMs();
    oom.look(nowMs, cgroupsInUse);
    if (isFirstLook) {
      isFirstLook = false;
      const bodies = before === null ? [] : await leftBehind(before, lives, deps.bootId, nowMs, deps.query);
      for (const body of bodies) await judge(body, []);
    }
    await roster.look(nowMs, engine.rows);
  };

  const stopEndings = engine.watchEndings((endings) => run(() => onEndings(endings)));
  const stopEvents = await engine.subscribe((event) => {
    alerts.note(event);
    if (event.type === 'tick') run(onLook);
  });

  return {
    postMortem: async (query) => findDeaths(log.deaths, query, clock.nowMs()),
    close: async () => {
      stopEndings();
      stopEvents();
      closing.abort();
      await Promise.all(running);
      await roster.write(clock.nowMs(), engine.rows).catch(deps.onProblem);
      await deps.exits.close();
    },
  };
}
