import { createLeakDetector, type LeakDetector } from '../../detectors/index.ts';
import type { Limit, ObservedSession } from '../../model/index.ts';
import { toLimit } from './report.ts';
import type { WorldRow } from '../engine/world.ts';

/** The leak detectors over whole sessions: a session may grow by ever more processes, none of which leaks. */
export interface SessionLeaks {
  look(rows: Iterable<WorldRow>, atMs: number): void;
  review(limit: Limit, atMs: number): ReadonlyMap<string, ObservedSession['leak']>;
}

/** 8 KB of state each; more sessions than this are not watched by one person. */
const MAX_SESSIONS = 200;

interface Sums {
  rssBytes: number;
  pssBytes: number;
  swapBytes: number;
  cpuMs: number;
  children: number;
  isComplete: boolean;
}

interface Watched {
  readonly detector: LeakDetector;
  atMs: number;
  cpuMs: number;
}

export function createSessionLeaks(): SessionLeaks {
  const watched = new Map<string, Watched>();
  return {
    look(rows, atMs) {
      const sums = sumSessions(rows);
      for (const id of watched.keys()) if (!sums.has(id)) watched.delete(id);
      for (const [id, sum] of sums) {
        let one = watched.get(id);
        if (one === undefined) {
          if (watched.size >= MAX_SESSIONS) continue;
          one = { detector: createLeakDetector(), atMs, cpuMs: sum.cpuMs };
          watched.set(id, one);
        }
        push(one, sum, atMs);
      }
    },
    review(limit, atMs) {
      const found = new Map<string, ObservedSession['leak']>();
      for (const [id, { detector }] of watched) {
        const finding = detector.verdict(atMs);
        const { forecast } = toLimit(finding, limit);
        found.set(id, { verdict: finding.verdict, score: finding.score, finding, forecast, confirmAtMs: null });
      }
      return found;
    },
  };
}

function push(one: Watched, sum: Sums, atMs: number): void {
  const spanMs = atMs - one.atMs;
  one.detector.push({
    tMs: atMs,
    rssBytes: sum.rssBytes,
    pssBytes: sum.isComplete ? sum.pssBytes : null,
    swapBytes: sum.isComplete ? sum.swapBytes : null,
    // CPU time of processes that ended is gone: then the sum falls, and says nothing.
    cpuRatio: spanMs > 0 && sum.cpuMs >= one.cpuMs ? (sum.cpuMs - one.cpuMs) / spanMs : null,
    children: sum.children,
  });
  one.atMs = atMs;
  one.cpuMs = sum.cpuMs;
}

function sumSessions(rows: Iterable<WorldRow>): ReadonlyMap<string, Sums> {
  const found = new Map<string, Sums>();
  for (const { sample, attribution } of rows) {
    const { sessionId, agent } = attribution;
    if (sessionId === null || agent === null || sample.state === 'zombie') continue;
    let sum = found.get(sessionId);
    if (sum === undefined) {
      sum = { rssBytes: 0, pssBytes: 0, swapBytes: 0, cpuMs: 0, children: 0, isComplete: true };
      found.set(sessionId, sum);
    }
    sum.rssBytes += sample.rssBytes;
    sum.pssBytes += sample.footprint?.pssBytes ?? 0;
    sum.swapBytes += sample.footprint?.swapBytes ?? 0;
    sum.cpuMs += sample.cpuMs;
    sum.children += 1;
    sum.isComplete &&= sample.footprint !== null;
  }
  return found;
}
