import {
  createFleet,
  createLeakDetector,
  type FleetVerdict,
  type LeakDetector,
  type Profile,
  type RoleExperience,
} from '../../detectors/index.ts';
import type {
  DetectorSample,
  LeakFinding,
  ProcessFacts,
  ProcessKey,
  ProcessSample,
  Role,
  Sweep,
} from '../../model/index.ts';
import { confirmation, type Confirmation, type HeapFloor, weigh, withFloor } from './confirm.ts';
import { MIN_SPACING_MS, type Replayer } from './replay.ts';
import { sameProgram } from './same-program.ts';
import type { WarmCandidate } from './warm-up.ts';
import type { WorldRow } from '../engine/world.ts';

/** One watched process and what its detector says, with the fleet's view of it. */
export interface WatchedLeak {
  readonly key: ProcessKey;
  readonly finding: LeakFinding;
  /** After the fleet's control; of a single replay its own verdict. */
  readonly fleet: Pick<FleetVerdict, 'verdict' | 'score'>;
  readonly watchedFromMs: number;
  /** When a full collection would tell whether what grows is alive, ms since the epoch; null: there is nothing to ask. */
  readonly confirmAtMs: number | null;
}

/** A detector for each process that can matter, fed by the sweeps. */
export interface LeakWatch {
  /** Feeds what was really read in this sweep. */
  sweep(sweep: Sweep, rows: ReadonlyMap<ProcessKey, WorldRow>): void;
  /** Counts that no single sample holds; told with each look. */
  look(rows: ReadonlyMap<ProcessKey, WorldRow>): void;
  /** Everything under watch, judged together. */
  review(nowMs: number): readonly WatchedLeak[];
  /**
   * What a full collection of a watched process left alive, from whoever can see that: the verdict turns to confirmed or
   * cleared as soon as the floors can tell. Null: this process is not watched.
   */
  confirm(key: ProcessKey, floor: HeapFloor): Confirmation | null;
  /** Processes that were there before this watch began, those of agents first. */
  candidates(rows: ReadonlyMap<ProcessKey, WorldRow>): readonly WarmCandidate[];
  /** A detector that has seen an earlier life of the service takes the place of ours, if it knows more. */
  warm(key: ProcessKey, replayer: Replayer): void;
  /** What ended lives taught, to be stored and given back to `createLeakWatch`. */
  roles(): readonly RoleExperience[];
  /** One of them by itself, without the fleet's control; null: it is not watched. */
  finding(key: ProcessKey, nowMs: number): LeakFinding | null;
  readonly watched: number;
}

/**
 * What is not an agent's is watched from this size on: at the slowest growth worth an alarm (2 % and 5 MB, see
 * docs/leak-detection.md) a smaller process would take days to matter, and a machine has hundreds of them.
 */
const MIN_STRANGER_BYTES = 32 * 1024 * 1024;
/** 8 KB of state each: 2,000 are 16 MB, half of what the service may have. */
const MAX_WATCHED = 2_000;

interface Watched {
  detector: LeakDetector;
  fromMs: number;
  floors: readonly HeapFloor[];
  /** The last that floors decided. */
  wasCleared: boolean;
  role: string;
  /** Under which its live copies are judged together; null: it has none that compare. */
  program: string | null;
  /** What `program` was worked out from. */
  seenAs: { readonly facts: ProcessFacts; readonly role: Role };
  pushedAtMs: number;
  pushedCpuMs: number;
  footprintAtMs: number | null;
  openFiles: number | null;
  children: number | null;
}

type Judged = Pick<WatchedLeak, 'finding' | 'confirmAtMs'>;

/** How finely processes are watched. */
export interface LeakPace {
  readonly profile: Profile;
  /** Samples of a process that come sooner after each other are left out, ms. */
  readonly spacingMs: number;
  /** Least time from one review to the next, ms. */
  readonly reviewMs: number;
}

/** Verdicts change when a block of five minutes closes: once a minute is soon enough. */
export const SERVICE_PACE: LeakPace = { profile: 'service', spacingMs: MIN_SPACING_MS, reviewMs: 60_000 };

export function createLeakWatch(known: readonly RoleExperience[] = [], pace = SERVICE_PACE): LeakWatch {
  const watched = new Map<ProcessKey, Watched>();
  const fleet = createFleet({ roles: known });

  const judge = ({ detector, floors }: Watched, nowMs?: number): Judged => {
    const finding = detector.verdict(nowMs);
    const said = confirmation(floors, finding);
    return { finding: floors.length === 0 ? finding : weigh(finding, said), confirmAtMs: said.nextAtMs };
  };

  const begin = (row: WorldRow, atMs: number): Watched | null => {
    const isAgents = row.attribution.role !== 'other';
    if (!isAgents && row.sample.rssBytes < MIN_STRANGER_BYTES) return null;
    if (watched.size >= MAX_WATCHED) return null;
    const one: Watched = {
      detector: createLeakDetector({ profile: pace.profile }),
      fromMs: atMs,
      floors: [],
      wasCleared: false,
      role: experienceOf(row),
      program: sameProgram(row),
      seenAs: { facts: row.facts, role: row.attribution.role },
      pushedAtMs: Number.NEGATIVE_INFINITY,
      pushedCpuMs: row.sample.cpuMs,
      footprintAtMs: null,
      openFiles: null,
      children: null,
    };
    watched.set(row.sample.key, one);
    return one;
  };

  const end = (key: ProcessKey): void => {
    const one = watched.get(key);
    if (one === undefined) return;
    watched.delete(key);
    if (one.program !== null) fleet.left(one.program, key);
    const { finding } = judge(one);
    // What was cleared was no leak at its peak either: the role must not learn it.
    fleet.ended(one.role, one.wasCleared ? { ...finding, peakScore: finding.score } : finding);
  };

  return {
    sweep(sweep, rows) {
      for (const key of sweep.exited) end(key);
      for (const key of sweep.refreshed) {
        const row = rows.get(key);
        if (row === undefined || row.sample.state === 'zombie') continue;
        const one = watched.get(key) ?? begin(row, sweep.atMs);
        const sample = one === null ? null : detectorSample(one, row.sample, sweep.atMs, pace.spacingMs);
        if (one === null || sample === null) continue;
        one.detector.push(sample);
        if (one.program !== null) fleet.observe(one.program, key, sample);
      }
    },
    look(rows) {
      if (watched.size === 0) return;
      const children = countChildren(rows);
      for (const [key, one] of watched) {
        const row = rows.get(key);
        if (row === undefined) continue;
        one.role = experienceOf(row);
        // Who owns it may be known only now, and it may have become another program by exec.
        const { facts, attribution } = row;
        if (facts === one.seenAs.facts && attribution.role === one.seenAs.role) continue;
        one.seenAs = { facts, role: attribution.role };
        const program = sameProgram(row);
        if (one.program !== null && one.program !== program) fleet.left(one.program, key);
        one.program = program;
        one.children = children.get(row.sample.pid) ?? 0;
        if (row.signs?.openFiles != null) one.openFiles = row.signs.openFiles;
      }
    },
    review(nowMs) {
      const members = [...watched].map(([id, one]) => ({
        id,
        role: one.role,
        program: one.program,
        watchedFromMs: one.fromMs,
        ...judge(one, nowMs),
      }));
      const verdicts = fleet.review(members);
      return members.flatMap(({ id: key, finding, watchedFromMs, confirmAtMs }) => {
        const fleetSays = verdicts.get(key);
        if (fleetSays === undefined) return [];
        // Where the others change its verdict, their reason is to be told as well.
        const reason = `${finding.reason} Beside the others: ${fleetSays.reason.replace(/\.?$/, '.')}`;
        const told = fleetSays.verdict === finding.verdict ? finding : { ...finding, reason };
        return [{ key, finding: told, fleet: fleetSays, watchedFromMs, confirmAtMs }];
      });
    },
    confirm(key, floor) {
      const one = watched.get(key);
      if (one === undefined) return null;
      one.floors = withFloor(one.floors, floor);
      const answer = confirmation(one.floors, one.detector.verdict());
      if (answer.said !== null) one.wasCleared = answer.said === 'cleared';
      return answer;
    },
    candidates(rows) {
      const there = [...watched].flatMap(([key, { fromMs }]) => {
        const row = rows.get(key);
        const startedAtMs = row?.facts.startedAtMs ?? null;
        return row === undefined || startedAtMs === null || startedAtMs >= fromMs
          ? []
          : [{ key, startedAtMs, isOther: row.attribution.role === 'other' }];
      });
      return there.toSorted((a, b) => Number(a.isOther) - Number(b.isOther));
    },
    warm(key, { detector, fromMs, last }) {
      const one = watched.get(key);
      if (one === undefined || fromMs === null || last === null || fromMs >= one.fromMs) return;
      one.detector = detector;
      one.fromMs = fromMs;
      one.pushedAtMs = last.atMs;
      if (last.cpuMs !== null) one.pushedCpuMs = last.cpuMs;
    },
    roles: () => fleet.roles(),
    finding: (key, nowMs) => {
      const one = watched.get(key);
      return one === undefined ? null : judge(one, nowMs).finding;
    },
    get watched() {
      return watched.size;
    },
  };
}

/** What is new since the last; null: too soon after it. */
function detectorSample(one: Watched, sample: ProcessSample, atMs: number, spacingMs: number): DetectorSample | null {
  const sinceMs = atMs - one.pushedAtMs;
  if (sinceMs >= 0 && sinceMs < spacingMs) return null;
  // A footprint is read far more seldom than RSS: it counts once, when it is new.
  const { footprint } = sample;
  const isNew = footprint !== null && footprint.atMs !== one.footprintAtMs;
  if (isNew) one.footprintAtMs = footprint.atMs;
  const cpuRatio =
    sinceMs > 0 && Number.isFinite(sinceMs) ? Math.max(0, sample.cpuMs - one.pushedCpuMs) / sinceMs : null;
  one.pushedAtMs = atMs;
  one.pushedCpuMs = sample.cpuMs;
  return {
    tMs: atMs,
    rssBytes: sample.rssBytes,
    pssBytes: isNew ? footprint.pssBytes : null,
    swapBytes: isNew ? footprint.swapBytes : null,
    cpuRatio,
    threads: sample.threads,
    openFiles: one.openFiles,
    children: one.children,
  };
}

/** Experience is kept by what runs, not by who runs it: the server's or the program's name. */
export function experienceOf({ attribution, facts }: Pick<WorldRow, 'attribution' | 'facts'>): string {
  return attribution.serverName ?? `${attribution.role}:${attribution.client ?? facts.exe ?? facts.comm}`;
}

function countChildren(rows: ReadonlyMap<ProcessKey, WorldRow>): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { sample } of rows.values()) counts.set(sample.ppid, (counts.get(sample.ppid) ?? 0) + 1);
  return counts;
}
