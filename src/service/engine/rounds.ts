import { hostLimit } from '../../limits/index.ts';
import type { Clock, HostSample, Registry, Severity, Source } from '../../model/index.ts';
import type { EndingsStream } from './endings.ts';
import type { EngineConfig } from './shape.ts';
import { publishComings, type EventStream } from './events.ts';
import { readFirstFootprints, refreshTrees } from './footprints.ts';
import type { LeakMemory } from '../leaks/memory.ts';
import type { LeakWatch } from '../leaks/watch.ts';
import type { Outlook } from './outlook.ts';
import type { Recorder } from './recorder.ts';
import { createSerial } from './serial.ts';
import { recordSessions, type SessionWatch } from './session-series.ts';
import { steadySeverity } from '../answers/severity.ts';
import { createTicker } from './ticker.ts';
import type { World } from './world.ts';

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

/** What the rounds feed. */
export interface RoundsParts {
  readonly clock: Clock;
  readonly source: Source;
  readonly world: World;
  readonly events: EventStream;
  readonly endings: EndingsStream;
  readonly leaks: LeakWatch;
  readonly leakMemory: LeakMemory;
  readonly outlook: Outlook;
  readonly sessions: SessionWatch;
  readonly recorder: Recorder | null;
  readonly readRegistry: (workingDirs: Iterable<string>) => Promise<Registry>;
  /** See `EngineDeps.confirmMs`. */
  readonly confirmMs: number | undefined;
  readonly onProblem: (error: unknown) => void;
}

/** What the last sweep and the last look saw; owned by the rounds. */
export interface Seen {
  /** Null before the first sweep. */
  host: HostSample | null;
  severity: Severity;
  severityReason: string;
  /** Processes that are listed but may not be read. */
  hidden: number;
  sweepMs: number | null;
  /** OOM kills since the first sweep; null: the cgroup does not tell. */
  newOomKills: number | null;
  registryProblems: Registry['problems'];
  /** Sweeps of the timer so far. */
  sweepsTaken: number;
  /** Grows with each look: what was made of an earlier one is out of date. */
  looks: number;
}

/**
 * Sweeps and looks. A sweep reads the figures of every process that is due, once a tick; a look works out owners, signs of
 * life and files, every ten seconds. Both also when a query wants fresh figures. All but `tick` run inside `serial`.
 */
export interface Rounds {
  readonly seen: Readonly<Seen>;
  readonly serial: ReturnType<typeof createSerial>;
  start(): void;
  stop(): Promise<void>;
  tick(): Promise<void>;
  /** Ticks that were left out because the one before was still under way. */
  skipped(): number;
  sweep(complete: boolean): Promise<HostSample>;
  look(): Promise<void>;
  /** Figures fresh enough to answer from. */
  refresh(withFootprints: boolean): Promise<HostSample>;
}

export function createRounds(config: EngineConfig, parts: RoundsParts): Rounds {
  const { clock, source, world, events, endings, leaks, leakMemory, outlook, sessions, recorder } = parts;
  const lookSoonMs = (parts.confirmMs ?? CONFIRM_MS) + CONFIRM_SLACK_MS;
  const serial = createSerial();
  const ticker = createTicker(clock, config.sampleInterval, () => tick());
  const seen: Seen = {
    host: null,
    severity: 'ok',
    severityReason: '',
    hidden: 0,
    sweepMs: null,
    newOomKills: null,
    registryProblems: [],
    sweepsTaken: 0,
    looks: 0,
  };
  let sweptAtMs = Number.NEGATIVE_INFINITY;
  let completeAtMs = Number.NEGATIVE_INFINITY;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  /** Looks that are wanted soon: at first, and when an agent has gone, since a dead peer must be seen twice. */
  let looksSoon = 2;
  let ownersMayDiffer = true;
  let attributeAtMs = Number.NEGATIVE_INFINITY;
  let firstOomKills: number | null = null;

  const sweep = async (complete: boolean): Promise<HostSample> => {
    const swept = await source.sample({ complete });
    sweptAtMs = clock.monotonicMs();
    if (complete) completeAtMs = sweptAtMs;
    seen.host = swept.host;
    seen.hidden = swept.hidden ?? 0;
    seen.sweepMs = swept.costMs;
    countOomKills(swept.host.cgroup?.oomKills ?? null);
    if (world.losesAgent(swept.exited)) looksSoon = 2;
    const ended = endings.of(swept);
    for (const key of swept.exited) recorder?.forget(key);
    recorder?.sweep(swept, (key) => world.isAgents(key));
    if (await world.absorb(swept, complete)) ownersMayDiffer = true;
    leaks.sweep(swept, world.rows);
    outlook.sweep(swept.host);
    if (ended !== null) endings.tell(ended);
    // Where something starts every second, owners are worked out within a small share of a core, and for every query.
    if (ownersMayDiffer && (complete || sweptAtMs >= attributeAtMs)) attribute(swept.atMs);
    publishComings(events, swept);
    judge(swept.host);
    return swept.host;
  };

  const attribute = (atMs: number): void => {
    const fromMs = clock.monotonicMs();
    world.attribute();
    sessions.update(world.rows, atMs);
    ownersMayDiffer = false;
    const toMs = clock.monotonicMs();
    attributeAtMs = toMs + (toMs - fromMs) / ATTRIBUTION_SHARE;
  };

  const countOomKills = (oomKills: number | null): void => {
    firstOomKills ??= oomKills;
    seen.newOomKills = oomKills === null || firstOomKills === null ? null : oomKills - firstOomKills;
  };

  const judge = (host: HostSample): void => {
    const from = seen.severity;
    const { severity, reason } = steadySeverity(hostLimit(host), host.pressure, config.memoryThresholds, from);
    seen.severity = severity;
    seen.severityReason = reason;
    if (severity !== from) events.publish({ type: 'severity', atMs: host.atMs, from, to: severity, reason });
  };

  const look = async (): Promise<void> => {
    lookedAtMs = clock.monotonicMs();
    looksSoon = Math.max(0, looksSoon - 1);
    const registry = await parts.readRegistry(world.agentDirs());
    seen.registryProblems = registry.problems;
    world.setClaims(registry.claims);
    attribute(clock.nowMs());
    await world.look();
    leaks.look(world.rows);
    outlook.look(world.rows, clock.nowMs());
    seen.looks += 1;
    await readFirstFootprints(source, clock, world.rows.values(), FIRST_FOOTPRINT_BUDGET_MS);
    if (recorder === null || seen.host === null) return;
    recordSessions(recorder, world.rows, seen.host.atMs);
    const { user, system } = process.cpuUsage();
    recorder.own(seen.host.atMs, process.memoryUsage.rss(), (user + system) / 1000);
  };

  const tick = (): Promise<void> =>
    serial(async () => {
      try {
        const host = await sweep(false);
        seen.sweepsTaken += 1;
        const sinceLookMs = clock.monotonicMs() - lookedAtMs;
        if (sinceLookMs >= LOOK_INTERVAL_MS || (looksSoon > 0 && sinceLookMs >= lookSoonMs)) await look();
        await leakMemory.tick(world.rows);
        events.publish({
          type: 'tick',
          atMs: host.atMs,
          processes: world.rows.size,
          memoryAvailableBytes: host.memoryAvailableBytes,
        });
      } catch (error) {
        // The next look may work; a monitor that ends here would be blind when it matters.
        parts.onProblem(error);
      }
    });

  const refresh = async (withFootprints: boolean): Promise<HostSample> => {
    const isFresh = clock.monotonicMs() - completeAtMs < FRESH_SWEEP_MS;
    const host = isFresh && seen.host !== null ? seen.host : await sweep(true);
    if (clock.monotonicMs() - lookedAtMs >= FRESH_LOOK_MS) await look();
    if (withFootprints) await refreshTrees(source, clock, [...world.rows.values()], FOOTPRINT_BUDGET_MS);
    return host;
  };

  return {
    seen,
    serial,
    start: () => ticker.start(),
    stop: () => ticker.stop(),
    tick,
    skipped: () => ticker.skipped(),
    sweep,
    look,
    refresh,
  };
}
