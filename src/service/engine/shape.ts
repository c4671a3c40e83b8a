import type { View } from '../../actions/target.ts';
import type {
  Clock,
  DoctorReport,
  LearnedThreshold,
  MetricsAnswer,
  MetricsQuery,
  Observation,
  ObservedFile,
  ObservedProcess,
  ObservedSession,
  ProcessKey,
  Rampart,
  RampartEvent,
  Registry,
  Source,
  StatusReport,
  Watching,
} from '../../model/index.ts';
import type { SeverityLevels } from '../../sessions/index.ts';
import type { Endings } from './endings.ts';
import type { FoundProcess } from '../answers/found-process.ts';
import type { HistoryHealth } from '../answers/health.ts';
import type { LeakHistory } from '../leaks/replay.ts';
import type { RoleStore } from '../leaks/roles.ts';
import type { LeakPace, LeakWatch } from '../leaks/watch.ts';
import type { WorldRow } from './world.ts';

/** What the engine is given, and what it offers. */

/** The part of the configuration that the engine reads. */
export interface EngineConfig {
  readonly sampleInterval: number;
  readonly memoryThresholds: SeverityLevels;
  readonly room: { readonly reserveShare: number };
}

/** History, as far as the engine uses it. */
export interface EngineHistory extends LeakHistory {
  append(subject: string, metric: MetricsQuery['metric'], tMs: number, value: number): void;
  query(query: MetricsQuery): Promise<MetricsAnswer>;
  stats(): HistoryHealth & { readonly bytes: number };
}

export interface EngineDeps {
  readonly clock: Clock;
  readonly source: Source;
  /** Null: nothing is kept (a single look). */
  readonly history: EngineHistory | null;
  /** Files of others; `workingDirs` are those of the agents that live now. */
  readonly readRegistry: (workingDirs: Iterable<string>) => Promise<Registry>;
  /** Transcripts of these sessions and databases of their projects. */
  readonly readFiles?: (sessions: readonly ObservedSession[], atMs: number) => Promise<readonly ObservedFile[]>;
  readonly origin: StatusReport['origin'];
  readonly ownPid: number;
  /** What else `doctor` is to tell: files, service, runtime. */
  readonly surroundings?: () => Promise<DoctorReport['checks']>;
  /** Told of what went wrong inside a look; the engine goes on. */
  readonly onProblem?: (error: unknown) => void;
  /** Heaps that were seen from inside, for `observe`. */
  readonly heaps?: ReadonlyMap<ProcessKey, NonNullable<ObservedProcess['heap']>>;
  /** What was learned of the usual size of what runs, for `observe`; left out: nothing. */
  readonly usualFootprint?: (experience: string) => LearnedThreshold | null;
  /** Signs of life of a dead peer must be seen twice, this far apart. */
  readonly confirmMs?: number;
  /** How finely leaks are watched; left out: as a service that runs for weeks. */
  readonly leakPace?: LeakPace;
  /** What earlier lives of each command taught; left out: nothing is remembered or kept. */
  readonly leakRoles?: RoleStore;
}

export interface Engine extends Watching, Pick<Rampart, 'subscribe' | 'close'> {
  start(): void;
  /** Ends the looks; queries still work. Does not close source and history, which their opener closes. */
  stop(): Promise<void>;
  /** What a full collection left alive in a watched process; see `LeakWatch.confirm`. */
  confirmLeak: LeakWatch['confirm'];
  /** One look, as the timer takes it. */
  tick(): Promise<void>;
  /** A report of what the last look saw; reads nothing anew. */
  snapshot(): Promise<StatusReport>;
  /** A look taken for this answer, as actions see it. */
  lookNow(): Promise<View>;
  /** What the last look saw, for alerts, advice and the black box: made once a look. Null before the first. */
  observe(): Promise<Observation | null>;
  /** The machine as the last sweep saw it: as much of an observation as costs nothing. Null before the first. */
  glance(): Pick<Observation, 'atMs' | 'host' | 'limit' | 'severity' | 'looks'> | null;
  /** For the parts around the engine: their events go out with its own. */
  publish(event: RampartEvent): void;
  /** The live process with this pid, or with this `pid:startTime`; null: there is none. */
  find(target: string): Promise<FoundProcess | null>;
  /** Calls back with what ended, and what was last known of it, until the returned function is called. */
  watchEndings(listener: (endings: Endings) => void): () => void;
  /** The live processes; owned by the engine, valid until the next look. */
  readonly rows: ReadonlyMap<ProcessKey, WorldRow>;
}
