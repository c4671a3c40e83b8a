import { lstat, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join, sep } from 'node:path';
import type { ObservedFile, ObservedSession } from '../model/index.ts';
import { sanitise } from '../untrusted/index.ts';

/** Transcripts of live sessions and databases of their projects, by size. Nothing is opened. */
export interface WatchedFiles {
  /** Looks again when the last look is a minute old; else what it saw. */
  read(
    sessions: readonly Pick<ObservedSession, 'sessionId' | 'client'>[],
    atMs: number,
  ): Promise<readonly ObservedFile[]>;
}

export interface WatchedFilesOptions {
  /** Claude Code's directory, which has projects/. */
  readonly claudeConfigDir: string;
  /** Projects that agents work in now. */
  readonly projects: () => readonly string[];
}

/** A transcript grows by some MiB an hour: a minute is often enough, and a stat costs 10 µs. */
const EVERY_MS = 60_000;
/** Where a session's transcript lies is looked for in every project directory, but only this often. */
const SEARCH_MS = 10 * 60_000;
const MAX_FILES = 500;
const MAX_PROJECT_DIRS = 2_000;
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

export function createWatchedFiles({ claudeConfigDir, projects }: WatchedFilesOptions): WatchedFiles {
  const marks = new Map<string, Mark[]>();
  const transcripts = new Map<string, string>();
  let searchedAtMs = Number.NEGATIVE_INFINITY;
  let readAtMs = Number.NEGATIVE_INFINITY;
  let last: readonly ObservedFile[] = [];

  /** `projects/<slug>/<session id>.jsonl`: the slug is lossy, so the file is looked for by its name. */
  const search = async (wanted: ReadonlySet<string>): Promise<void> => {
    const root = join(claudeConfigDir, 'projects');
    const slugs = await readdir(root).catch(() => []);
    for (const slug of slugs.slice(0, MAX_PROJECT_DIRS)) {
      for (const name of await readdir(join(root, slug)).catch(() => [])) {
        const sessionId = name.endsWith('.jsonl') ? basename(name, '.jsonl') : '';
        if (wanted.has(sessionId)) transcripts.set(sessionId, join(root, slug, name));
      }
    }
  };

  const candidates = async (sessionIds: ReadonlySet<string>, atMs: number): Promise<Candidate[]> => {
    for (const id of transcripts.keys()) if (!sessionIds.has(id)) transcripts.delete(id);
    const isLost = [...sessionIds].some((id) => !transcripts.has(id));
    if (isLost && Math.abs(atMs - searchedAtMs) >= SEARCH_MS) {
      searchedAtMs = atMs;
      await search(sessionIds);
    }
    return [
      ...[...transcripts].map(([sessionId, path]): Candidate => ({ path, kind: 'transcript', sessionId })),
      ...projects().flatMap((project) =>
        DATABASES.map((name): Candidate => ({ path: join(project, name), kind: 'database', sessionId: null })),
      ),
    ].slice(0, MAX_FILES);
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
      const ids = new Set(sessions.filter(({ client }) => client === 'claude-code').map(({ sessionId }) => sessionId));
      const wanted = await candidates(ids, atMs);
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
