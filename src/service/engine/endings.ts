import type {
  Attribution,
  HostSample,
  LeakFinding,
  ProcessFacts,
  ProcessKey,
  ProcessSample,
  Sweep,
} from '../../model/index.ts';
import type { LeakWatch } from '../leaks/watch.ts';
import type { World } from './world.ts';

/** A process that has ended, as the last look saw it. */
export interface Ended {
  /** A copy: the source goes on with its own. */
  readonly sample: ProcessSample;
  readonly facts: ProcessFacts;
  readonly attribution: Attribution;
  /** When its agent last did something; null: not known, or it has none. */
  readonly agentActiveMs: number | null;
  /** Null: not watched, or too young for a verdict. */
  readonly leak: LeakFinding | null;
  /** Dead, and not yet reaped by its parent: its memory is gone from `sample`. */
  readonly isZombie: boolean;
}

/** What ended between two looks. */
export interface Endings {
  readonly atMs: number;
  readonly host: HostSample;
  readonly ended: readonly Ended[];
}

/** A machine ends thousands of small strangers a minute; below this nobody asks for one. */
const MIN_STRANGER_BYTES = 64 * 1024 * 1024;
/** A verdict costs a millisecond and takes many looks: what lived shorter has none. */
const MIN_WATCHED_MS = 60_000;

export interface EndingsStream {
  /** Null: nothing ended, or nobody listens. To be asked before the world forgets what ended. */
  of(sweep: Sweep): Endings | null;
  tell(endings: Endings): void;
  /** Calls back until the returned function is called. */
  watch(listener: (endings: Endings) => void): () => void;
}

/**
 * Takes the last that is known of what ended, before the world forgets it: nothing per look, a few microseconds per end.
 * Zombies count as ended when they are first seen as such, and not again when they are reaped.
 */
export function createEndings(world: World, leaks: LeakWatch): EndingsStream {
  const listeners = new Set<(endings: Endings) => void>();
  const zombies = new Set<ProcessKey>();

  const lastSeen = (key: ProcessKey, atMs: number, isZombie: boolean): Ended | null => {
    const row = world.rows.get(key);
    if (row === undefined) return null;
    const { sample, facts, attribution } = row;
    if (attribution.role === 'other' && sample.rssBytes < MIN_STRANGER_BYTES && !isZombie) return null;
    const isOld = facts.startedAtMs !== null && atMs - facts.startedAtMs >= MIN_WATCHED_MS;
    const leak = isOld ? leaks.finding(key, atMs) : null;
    const { agent } = attribution;
    const agentActiveMs = agent === null || agent === key ? null : world.verdict(agent).lastActiveMs;
    return { sample: { ...sample }, facts, attribution, agentActiveMs, leak, isZombie };
  };

  const of = (sweep: Sweep): Endings | null => {
    if (listeners.size === 0) return null;
    const ended: Ended[] = [];
    const note = (key: ProcessKey, isZombie: boolean): void => {
      const last = lastSeen(key, sweep.atMs, isZombie);
      if (last !== null) ended.push(last);
    };
    for (const key of sweep.exited) if (!zombies.delete(key)) note(key, false);
    for (const key of sweep.refreshed) {
      if (sweep.processes.get(key)?.state !== 'zombie' || zombies.has(key)) continue;
      zombies.add(key);
      // What was a zombie before we first looked lived before our time.
      if (world.rows.has(key)) note(key, true);
    }
    return ended.length === 0 ? null : { atMs: sweep.atMs, host: sweep.host, ended };
  };

  return {
    of,
    tell: (endings) => {
      for (const listener of listeners) listener(endings);
    },
    watch: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
