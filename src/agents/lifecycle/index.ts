import type { Attribution, LifecycleVerdict, ProcessKey, RegistryClaim } from '../../model/index.ts';
import { claimsAbout, indexClaims } from '../claims.ts';
import { hasEnded } from '../row.ts';
import { chainsOf, findDuplicates, findReplacedDaemons } from './groups.ts';
import { LIFECYCLE_DEFAULTS, type LifecycleOptions } from './options.ts';
import { RULES } from './rules.ts';
import type { LifecycleRow } from './row.ts';
import type { Subject, Surroundings } from './subject.ts';
import { createTrack, observeTrack, type Track } from './track.ts';

export type { LifecycleRow } from './row.ts';

/** Verdicts over time. Holds live processes only. */
export interface Lifecycles {
  /**
   * One look at everything, every 10 s or so. `rows` are all processes (parents, leaders and siblings count);
   * `signs` is null where it was not read this time: that look then says nothing about stdin. O(processes).
   */
  observe(atMs: number, rows: ReadonlyMap<ProcessKey, LifecycleRow>, claims?: readonly RegistryClaim[]): void;
  /** The verdict of the last look; `unknown` for what was never looked at. */
  verdict(key: ProcessKey): LifecycleVerdict;
}

/** Whose signs of life are worth reading: what belongs to an agent's world. */
export function needsLifeSigns(attribution: Attribution): boolean {
  return attribution.role !== 'other';
}

const NEVER_SEEN: LifecycleVerdict = {
  verdict: 'unknown',
  confidence: 0,
  evidence: [{ kind: 'new', detail: 'Not looked at yet.' }],
  lastActiveMs: null,
};

/** Wrappers after servers, servers after the servers that started them: rules look at verdicts of this same look. */
function judgingOrder(a: Subject, b: Subject): number {
  const late = (subject: Subject) => (subject.row.attribution.role === 'wrapper' ? 1 : 0);
  return late(a) - late(b) || a.row.sample.startTime - b.row.sample.startTime;
}

export function createLifecycle(options: Partial<LifecycleOptions> = {}): Lifecycles {
  const settings: LifecycleOptions = { ...LIFECYCLE_DEFAULTS, ...options };
  const tracks = new Map<ProcessKey, Track>();
  let verdicts = new Map<ProcessKey, LifecycleVerdict>();

  return {
    observe(atMs, rows, claims = []) {
      for (const key of tracks.keys()) if (!rows.has(key)) tracks.delete(key);
      const subjects = linkSubjects(atMs, rows, claims);
      verdicts = new Map();
      const chains = chainsOf(subjects.values());
      const around: Surroundings = {
        nowMs: atMs,
        options: settings,
        subjects,
        chains,
        verdicts,
        isLeaderAlive: leaderCheck(subjects),
        duplicates: findDuplicates(chains, atMs, settings),
        replaced: findReplacedDaemons(subjects.values()),
      };
      for (const subject of [...subjects.values()].toSorted(judgingOrder)) {
        verdicts.set(subject.key, since(subject.track, judge(subject, around), atMs));
      }
    },

    verdict: (key) => verdicts.get(key) ?? NEVER_SEEN,
  };

  function linkSubjects(
    atMs: number,
    rows: ReadonlyMap<ProcessKey, LifecycleRow>,
    claims: readonly RegistryClaim[],
  ): Map<ProcessKey, Subject> {
    const byPid = new Map<number, ProcessKey>();
    for (const [key, { sample }] of rows) byPid.set(sample.pid, key);
    const claimsByPid = indexClaims(claims);
    const subjects = new Map<ProcessKey, Subject>();
    const link = (key: ProcessKey, row: LifecycleRow, depth: number): Subject => {
      const known = subjects.get(key);
      if (known !== undefined) return known;
      const parentKey = byPid.get(row.sample.ppid);
      const parentRow = parentKey === undefined ? undefined : rows.get(parentKey);
      // A parent younger than its child is another process with a reused pid.
      const isParent =
        parentRow !== undefined && parentRow.sample.startTime <= row.sample.startTime && parentKey !== key;
      const parent = isParent && parentKey !== undefined && depth < 64 ? link(parentKey, parentRow, depth + 1) : null;
      const track = tracks.get(key) ?? createTrack(atMs);
      tracks.set(key, track);
      observeTrack(track, row, parent?.key ?? null, (each) => isAlive(rows.get(each)), atMs, settings);
      const subject: Subject = { key, row, track, parent, claims: claimsAbout(row, claimsByPid) };
      subjects.set(key, subject);
      return subject;
    };
    for (const [key, row] of rows) link(key, row, 0);
    return subjects;
  }
}

function isAlive(row: LifecycleRow | undefined): boolean {
  return row !== undefined && !hasEnded(row.sample);
}

function judge(subject: Subject, around: Surroundings): LifecycleVerdict {
  for (const rule of RULES) {
    const found = rule(subject, around);
    if (found !== null) return { ...found, lastActiveMs: subject.track.lastActiveMs };
  }
  return NEVER_SEEN;
}

/** Notes when a verdict was first given, and says it with each. */
function since(track: Track, verdict: LifecycleVerdict, atMs: number): LifecycleVerdict {
  if (track.verdict !== verdict.verdict) [track.verdict, track.verdictSinceMs] = [verdict.verdict, atMs];
  return { ...verdict, sinceMs: track.verdictSinceMs };
}

/** Whether the leader of a process's POSIX session still lives: it has that pid, leads itself, and is not younger. */
function leaderCheck(subjects: ReadonlyMap<ProcessKey, Subject>): Surroundings['isLeaderAlive'] {
  const leaders = new Map<number, number>();
  for (const { row } of subjects.values()) {
    const { pid, sessionLeader, startTime } = row.sample;
    if (pid === sessionLeader && !hasEnded(row.sample)) leaders.set(pid, startTime);
  }
  return ({ row }) => {
    const leaderStart = leaders.get(row.sample.sessionLeader);
    return leaderStart !== undefined && leaderStart <= row.sample.startTime;
  };
}
