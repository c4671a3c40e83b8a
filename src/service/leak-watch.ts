import { createFleet, createLeakDetector, type FleetVerdict, type LeakDetector } from '../detectors/index.ts';
import type { LeakFinding, ProcessKey, ProcessSample, Sweep } from '../model/index.ts';
import type { WorldRow } from './world.ts';

/** One watched process and what its detector says, with the fleet's view of it. */
export interface WatchedLeak {
  readonly key: ProcessKey;
  readonly finding: LeakFinding;
  /** After the fleet's control; of a single replay its own verdict. */
  readonly fleet: Pick<FleetVerdict, 'verdict' | 'score'>;
  readonly watchedFromMs: number;
}

/** A detector for each process that can matter, fed by the sweeps. */
export interface LeakWatch {
  /** Feeds what was really read in this sweep. */
  sweep(sweep: Sweep, rows: ReadonlyMap<ProcessKey, WorldRow>): void;
  /** Counts that no single sample holds; told with each look. */
  look(rows: ReadonlyMap<ProcessKey, WorldRow>): void;
  /** Everything under watch, judged together. */
  review(nowMs: number): readonly WatchedLeak[];
  readonly watched: number;
}

/**
 * What is not an agent's is watched from this size on: at the slowest growth worth an alarm (2 % and 5 MB, see
 * docs/leak-detection.md) a smaller process would take days to matter, and a machine has hundreds of them.
 */
const MIN_STRANGER_BYTES = 32 * 1024 * 1024;
/** 8 KB of state each: 2,000 are 16 MB, half of what the service may have. */
const MAX_WATCHED = 2_000;
/** The detectors' finest blocks are five minutes long: more than a sample in five seconds adds cost, not knowledge. */
const MIN_SPACING_MS = 5_000;

interface Watched {
  readonly detector: LeakDetector;
  readonly fromMs: number;
  role: string;
  pushedAtMs: number;
  pushedCpuMs: number;
  footprintAtMs: number | null;
  openFiles: number | null;
  children: number | null;
}

export function createLeakWatch(): LeakWatch {
  const watched = new Map<ProcessKey, Watched>();
  const fleet = createFleet();

  const begin = (row: WorldRow, atMs: number): Watched | null => {
    const isAgents = row.attribution.role !== 'other';
    if (!isAgents && row.sample.rssBytes < MIN_STRANGER_BYTES) return null;
    if (watched.size >= MAX_WATCHED) return null;
    const one: Watched = {
      detector: createLeakDetector(),
      fromMs: atMs,
      role: experienceOf(row),
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
    fleet.ended(one.role, one.detector.verdict());
  };

  return {
    sweep(sweep, rows) {
      for (const key of sweep.exited) end(key);
      for (const key of sweep.refreshed) {
        const row = rows.get(key);
        if (row === undefined || row.sample.state === 'zombie') continue;
        const one = watched.get(key) ?? begin(row, sweep.atMs);
        if (one !== null) push(one, row.sample, sweep.atMs);
      }
    },
    look(rows) {
      if (watched.size === 0) return;
      const children = countChildren(rows);
      for (const [key, one] of watched) {
        const row = rows.get(key);
        if (row === undefined) continue;
        one.role = experienceOf(row);
        one.children = children.get(row.sample.pid) ?? 0;
        if (row.signs?.openFiles != null) one.openFiles = row.signs.openFiles;
      }
    },
    review(nowMs) {
      const members = [...watched].map(([key, { detector, role }]) => ({
        id: key,
        role,
        finding: detector.verdict(nowMs),
      }));
      const verdicts = fleet.review(members);
      return members.flatMap(({ id, finding }) => {
        const verdict = verdicts.get(id);
        const fromMs = watched.get(id)?.fromMs;
        return verdict === undefined || fromMs === undefined
          ? []
          : [{ key: id, finding, fleet: verdict, watchedFromMs: fromMs }];
      });
    },
    get watched() {
      return watched.size;
    },
  };
}

function push(one: Watched, sample: ProcessSample, atMs: number): void {
  const sinceMs = atMs - one.pushedAtMs;
  if (sinceMs >= 0 && sinceMs < MIN_SPACING_MS) return;
  // A footprint is read far more seldom than RSS: it counts once, when it is new.
  const { footprint } = sample;
  const isNew = footprint !== null && footprint.atMs !== one.footprintAtMs;
  if (isNew) one.footprintAtMs = footprint.atMs;
  one.detector.push({
    tMs: atMs,
    rssBytes: sample.rssBytes,
    pssBytes: isNew ? footprint.pssBytes : null,
    swapBytes: isNew ? footprint.swapBytes : null,
    cpuRatio: sinceMs > 0 && Number.isFinite(sinceMs) ? Math.max(0, sample.cpuMs - one.pushedCpuMs) / sinceMs : null,
    threads: sample.threads,
    openFiles: one.openFiles,
    children: one.children,
  });
  one.pushedAtMs = atMs;
  one.pushedCpuMs = sample.cpuMs;
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
