import { decodeStatus, mayMatter } from '../../deaths/index.ts';
import { v8OldSpaceLimit } from '../../limits/index.ts';
import type { Companion, ExitStatus, ProcessId, ProcessKey, RawExit } from '../../model/index.ts';
import type { Ended, Endings } from '../engine/endings.ts';
import type { WorldRow } from '../engine/world.ts';
import type { Body } from './autopsy.ts';
import { watchedRow } from './roster.ts';

type Rows = ReadonlyMap<ProcessKey, WorldRow>;

/** What remains of a process for a minute: whoever died with it may ask. */
export interface Grave {
  readonly ended: Ended;
  readonly exit: RawExit | null;
  readonly atMs: number;
}

/** Quiet processes are looked at every 8 s at least: what is a zombie now lived then. */
export const LOOK_BACK_MS = 8_000;

/** Who kills a session kills its processes one after the other. */
const TOGETHER_MS = 2_000;

export const exitStatus = ({ exit }: Pick<Grave, 'exit'>): ExitStatus | null =>
  exit === null ? null : { ...decodeStatus(exit.status), atMs: exit.atMs, from: exit.from };

export function matters(grave: Grave): boolean {
  const { sample, attribution, leak, facts } = grave.ended;
  const candidate = {
    role: attribution.role,
    peakRssBytes: sample.rssBytes,
    ageMs: facts.startedAtMs === null ? null : grave.atMs - facts.startedAtMs,
    leak: leak?.verdict ?? null,
    agentLives: true,
  };
  return mayMatter(candidate, exitStatus(grave));
}

/** `runsNow`: asked of the system, because a quiet process is looked at every 8 s only. */
export function isAlive(rows: Rows, key: ProcessKey, runsNow: (process: ProcessId) => boolean | null): boolean {
  const row = rows.get(key);
  return row !== undefined && row.sample.state !== 'zombie' && runsNow(row.sample) !== false;
}

export interface Scene {
  readonly endings: Endings;
  /** All that ended within the last minute, this one included. */
  readonly graves: readonly Grave[];
  readonly rows: Rows;
  readonly isAlive: (key: ProcessKey) => boolean;
  readonly rise: (sinceMs: number, cgroup: string | null) => Pick<Body['oom'], 'host' | 'cgroup'>;
}

/** All that is known of one of them without looking any further. */
export function bodyOf(grave: Grave, { endings, graves, rows, isAlive: lives, rise }: Scene): Body {
  const { ended, exit } = grave;
  const { sample, facts, attribution, isZombie } = ended;
  const { host } = endings;
  const diedAfterMs = isZombie ? endings.atMs - LOOK_BACK_MS : Math.min(sample.sampledAtMs, endings.atMs);
  const agent = attribution.agent === sample.key ? null : attribution.agent;
  const agentLives = agent !== null && lives(agent);
  const together = graves.filter(({ atMs }) => atMs === endings.atMs);
  const memoryBytes = Math.min(host.memoryTotalBytes, host.cgroup?.limitBytes ?? Number.POSITIVE_INFINITY);
  return {
    watched: watchedRow(ended),
    anonBytes: isZombie ? null : sample.anonBytes,
    seenAtMs: isZombie ? diedAfterMs : sample.sampledAtMs,
    diedAfterMs,
    diedBeforeMs: endings.atMs,
    exit,
    leak: ended.leak,
    heapLimitBytes: v8OldSpaceLimit(facts, memoryBytes)?.limitBytes ?? null,
    agentIdleMs: ended.agentActiveMs === null ? null : endings.atMs - ended.agentActiveMs,
    oom: {
      ...rise(exit?.atMs ?? diedAfterMs, facts.cgroup),
      candidates: together.filter((other) => other.ended.facts.cgroup === facts.cgroup && mayBeKilled(other)).length,
    },
    daemons: daemonsIn(rows),
    host: {
      availableBytes: host.memoryAvailableBytes,
      totalBytes: host.memoryTotalBytes,
      pressure: host.pressure?.someAvg10Percent ?? null,
    },
    // An orphan has no agent any more, but still says whose it was.
    userGone: attribution.role !== 'agent' && attribution.client !== null && !agentLives,
    agentLives,
    siblings: together.filter(({ ended: { attribution: other } }) => other.role === 'tool' && other.agent === agent)
      .length,
    rebooted: false,
    away: false,
  };
}

/** What of the same session ended with an agent, or of the same chain of wrappers with a server. */
export function companionsOf(own: Grave, graves: readonly Grave[]): Companion[] {
  const { sample, attribution } = own.ended;
  return graves.flatMap((grave) => {
    const { ended } = grave;
    // What had died before has a death of its own.
    if (ended.sample.key === sample.key || momentOf(grave) < momentOf(own) - TOGETHER_MS) return [];
    const isOfAgent = attribution.role === 'agent' && ended.attribution.agent === sample.key;
    const head = attribution.serverHead;
    const isOfServer = attribution.role === 'server' && head !== null && ended.attribution.serverHead === head;
    if (!isOfAgent && !isOfServer) return [];
    const { key, name, role } = watchedRow(ended);
    const status = exitStatus(grave);
    return [{ id: key, name, role, exitCode: status?.code ?? null, signal: status?.signal ?? null }];
  });
}

/** Without an exit status a moment is that of the look which missed it, and looks are up to 8 s apart. */
const momentOf = ({ exit, atMs }: Grave): number => exit?.atMs ?? atMs;

const mayBeKilled = (grave: Grave): boolean => {
  const status = exitStatus(grave);
  return status === null || status.signal === 'SIGKILL';
};

/** Kernel names end after 15 characters: `systemd-oomd` and `earlyoom` fit. Null: not even the first process is seen. */
function daemonsIn(rows: Rows): Body['daemons'] {
  let seesInit = false;
  const names = new Set<string>();
  for (const { sample, facts } of rows.values()) {
    if (sample.pid === 1) seesInit = true;
    names.add(facts.comm);
  }
  return seesInit ? { systemdOomd: names.has('systemd-oomd'), earlyoom: names.has('earlyoom') } : null;
}
