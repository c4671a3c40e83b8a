import type { ProcessKey, Role, Runtime, Store } from '../../model/index.ts';
import { sanitise } from '../../untrusted/index.ts';
import type { WorldRow } from '../engine/world.ts';
import { readableName } from '../../sessions/index.ts';

const FILE = 'watched.json';
/** Written when somebody came or went, but not more often than this: a kill -9 costs history a minute too. */
const CHANGED_MS = 30_000;
/** When everybody stayed: history tells more exactly until when each was seen. */
const SAME_MS = 5 * 60_000;
const MAX_ENTRIES = 2_000;

/** An agent or server that was alive when the service last wrote it down. */
export interface Watched {
  readonly key: ProcessKey;
  readonly pid: number;
  readonly startTime: number;
  readonly name: string;
  readonly role: Role;
  readonly runtime: Runtime;
  readonly client: string | null;
  readonly sessionId: string | null;
  readonly agent: ProcessKey | null;
  readonly startedAtMs: number | null;
  readonly cwd: string | null;
  readonly cgroup: string | null;
  readonly rssBytes: number;
  readonly hasRecord: boolean;
}

export interface Roster {
  readonly atMs: number;
  readonly bootId: string | null;
  readonly watched: readonly Watched[];
}

/** Who is watched, kept on disk so that what ends while no service runs is not lost. */
export interface RosterKeeper {
  /** What the service before wrote; null: nothing, or unreadable. */
  read(): Promise<Roster | null>;
  /** Called at each look; writes when it is due. */
  look(nowMs: number, rows: ReadonlyMap<ProcessKey, WorldRow>): Promise<void>;
  write(nowMs: number, rows: ReadonlyMap<ProcessKey, WorldRow>): Promise<void>;
}

export function keepRoster(store: Store, bootId: string | null): RosterKeeper {
  let writtenAtMs: number | null = null;
  let writtenKeys = '';

  const write: RosterKeeper['write'] = async (nowMs, rows) => {
    writtenAtMs = nowMs;
    const roster: Roster = { atMs: nowMs, bootId, watched: watchedOf(rows) };
    writtenKeys = keysOf(roster.watched);
    await store.replace(FILE, new TextEncoder().encode(JSON.stringify(roster)));
  };

  return {
    read: async () => {
      const bytes = await store.read(FILE);
      if (bytes === null) return null;
      try {
        const roster = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Roster> | null;
        return typeof roster?.atMs === 'number' && Array.isArray(roster.watched) ? (roster as Roster) : null;
      } catch {
        return null;
      }
    },
    write,
    look: async (nowMs, rows) => {
      const sinceMs = writtenAtMs === null ? Number.POSITIVE_INFINITY : Math.abs(nowMs - writtenAtMs);
      if (sinceMs < CHANGED_MS) return;
      if (sinceMs >= SAME_MS || keysOf(watchedOf(rows)) !== writtenKeys) await write(nowMs, rows);
    },
  };
}

const keysOf = (watched: readonly Watched[]): string => watched.map(({ key }) => key).join(' ');

function watchedOf(rows: ReadonlyMap<ProcessKey, WorldRow>): Watched[] {
  const watched: Watched[] = [];
  for (const row of rows.values()) {
    const { role } = row.attribution;
    if ((role === 'agent' || role === 'server') && row.sample.state !== 'zombie') watched.push(watchedRow(row));
    if (watched.length >= MAX_ENTRIES) break;
  }
  return watched;
}

export function watchedRow({
  sample,
  facts,
  attribution,
}: Pick<WorldRow, 'sample' | 'facts' | 'attribution'>): Watched {
  return {
    key: sample.key,
    pid: sample.pid,
    startTime: sample.startTime,
    name: sanitise(readableName({ sample, facts, attribution }), 80),
    role: attribution.role,
    runtime: facts.runtime,
    client: attribution.client,
    sessionId: attribution.sessionId,
    agent: attribution.agent,
    startedAtMs: facts.startedAtMs,
    cwd: facts.cwd,
    cgroup: facts.cgroup,
    rssBytes: sample.rssBytes,
    hasRecord: attribution.role === 'agent' && attribution.evidence.some(({ kind }) => kind === 'registry'),
  };
}
