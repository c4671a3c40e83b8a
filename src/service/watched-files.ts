import { lstat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, sep } from 'node:path';
import type { SessionFiles } from '../integrations/index.ts';
import type { ObservedFile, ObservedSession } from '../model/index.ts';
import { sanitise } from '../untrusted/index.ts';

/** Transcripts of live sessions and databases of their projects, by size. Nothing is opened. */
export interface WatchedFiles {
  /** Looks again when the last look is a minute old; else what it saw. */
  read(sessions: readonly Session[], atMs: number): Promise<readonly ObservedFile[]>;
}

export interface WatchedFilesOptions {
  readonly sessionFiles: Pick<SessionFiles, 'find'>;
  /** Projects that agents work in now. */
  readonly projects: () => readonly string[];
}

type Session = Pick<ObservedSession, 'sessionId' | 'client' | 'cwd'>;

/** A transcript grows by some MiB an hour: a minute is often enough, and a stat costs 10 µs. */
const EVERY_MS = 60_000;
/** To look for a transcript means to list many directories: one that is not there yet is looked for this often. */
const SEARCH_MS = 10 * 60_000;
const MAX_FILES = 500;
/** A rate of less than ten minutes is one burst of writing. */
const RATE_MS = 10 * 60_000;
const WINDOW_MS = 60 * 60_000;
const HOUR_MS = 3_600_000;

/** Where Claude-Flow and hives keep theirs, with the log that SQLite writes beside. */
const DATABASES = ['.swarm/memory.db', '.hive-mind/hive.db', '.hive-mind/memory.db'].flatMap((name) => [
  name,
  `${name}-wal`,
]);

interface Candidate {
  readonly path: string;
  readonly kind: ObservedFile['kind'];
  readonly sessionId: string | null;
}

interface Mark {
  readonly atMs: number;
  readonly bytes: number;
}

/** Where a session's transcript was looked for, and where it is; null: not there yet. */
interface Search {
  readonly atMs: number;
  readonly path: string | null;
}

export function createWatchedFiles({ sessionFiles, projects }: WatchedFilesOptions): WatchedFiles {
  const marks = new Map<string, Mark[]>();
  const searches = new Map<string, Search>();
  let readAtMs = Number.NEGATIVE_INFINITY;
  let last: readonly ObservedFile[] = [];

  const transcriptOf = async ({ client, sessionId, cwd }: Session, atMs: number): Promise<string | null> => {
    const known = searches.get(sessionId);
    if (known !== undefined && (known.path !== null || Math.abs(atMs - known.atMs) < SEARCH_MS)) return known.path;
    const found = await sessionFiles.find(client, sessionId, cwd);
    const path = typeof found === 'string' ? null : found.path;
    searches.set(sessionId, { atMs, path });
    return path;
  };

  const candidates = async (sessions: readonly Session[], atMs: number): Promise<Candidate[]> => {
    const live = new Set(sessions.map(({ sessionId }) => sessionId));
    for (const id of searches.keys()) if (!live.has(id)) searches.delete(id);
    const transcripts: Candidate[] = [];
    for (const session of sessions) {
      const path = await transcriptOf(session, atMs);
      if (path !== null) transcripts.push({ path, kind: 'transcript', sessionId: session.sessionId });
    }
    const databases = projects().flatMap((project) =>
      DATABASES.map((name): Candidate => ({ path: join(project, name), kind: 'database', sessionId: null })),
    );
    return [...transcripts, ...databases].slice(0, MAX_FILES);
  };

  const observe = async ({ path, kind, sessionId }: Candidate, atMs: number): Promise<ObservedFile | null> => {
    // A link could lead anywhere: only what lies there itself is a transcript.
    const info = await lstat(path).catch(() => null);
    if (info === null || !info.isFile()) {
      marks.delete(path);
      return null;
    }
    const seen = (marks.get(path) ?? []).filter((mark) => mark.atMs <= atMs && atMs - mark.atMs <= WINDOW_MS);
    seen.push({ atMs, bytes: info.size });
    marks.set(path, seen);
    return { path: shortPath(path), kind, sessionId, bytes: info.size, ratePerHourBytes: rate(seen) };
  };

  return {
    async read(sessions, atMs) {
      if (Math.abs(atMs - readAtMs) < EVERY_MS) return last;
      readAtMs = atMs;
      const wanted = await candidates(sessions, atMs);
      const paths = new Set(wanted.map(({ path }) => path));
      for (const path of marks.keys()) if (!paths.has(path)) marks.delete(path);
      const found: ObservedFile[] = [];
      for (const candidate of wanted) {
        const file = await observe(candidate, atMs);
        if (file !== null) found.push(file);
      }
      last = found;
      return last;
    },
  };
}

function rate(marks: readonly Mark[]): number | null {
  const first = marks[0];
  const newest = marks.at(-1);
  if (first === undefined || newest === undefined || newest.atMs - first.atMs < RATE_MS) return null;
  return ((newest.bytes - first.bytes) / (newest.atMs - first.atMs)) * HOUR_MS;
}

function shortPath(path: string): string {
  const home = homedir();
  return sanitise(path.startsWith(home + sep) ? `~${path.slice(home.length)}` : path, 400);
}
