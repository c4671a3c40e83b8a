import type { Clock, ProcessKey } from '../../model/index.ts';
import { createReplayer, type LeakHistory, readPast, type Replayer } from './replay.ts';

/** A process that lived before this service did. */
export interface WarmCandidate {
  readonly key: ProcessKey;
  /** When the process itself started, ms since the epoch: what is older belongs to another one with its pid. */
  readonly startedAtMs: number;
}

export interface WarmUp {
  /** Reads on for a moment. Never throws: what cannot be read is left out. */
  step(): Promise<void>;
  readonly done: boolean;
}

/** Single samples are kept for two days (history/retention.ts); older minutes are not scanned. */
const REACH_MS = 2 * 86_400_000;
/** As wide as one table of history: a narrower slice would read the same file again. */
const SLICE_MS = 3_600_000;
/** So many at once: an hour of one of them is some 25 KB until its detector has seen it. */
const BATCH = 64;
/** Of each tick: 2 % of a core until all is read, and nothing from then on. */
const STEP_MS = 20;

/**
 * Gives detectors the memory of an earlier life of the service: the past of each process is read from history, oldest
 * first, a batch of processes after the other and an hour at a time. The live detectors go on meanwhile; `warm` takes the
 * place of one when it has caught up.
 */
export function createWarmUp(
  history: LeakHistory,
  clock: Clock,
  candidates: readonly WarmCandidate[],
  warm: (key: ProcessKey, replayer: Replayer) => void,
  onProblem: (error: unknown) => void,
): WarmUp {
  const waiting = [...candidates];
  let batch: Batch | null = null;

  const slice = async (): Promise<void> => {
    if (batch === null) {
      const next = waiting.splice(0, BATCH);
      const oldestMs = Math.min(...next.map(({ startedAtMs }) => startedAtMs));
      batch = {
        replayers: new Map(next.map(({ key, startedAtMs }) => [key, { replayer: createReplayer(), startedAtMs }])),
        atMs: Math.max(oldestMs, clock.nowMs() - REACH_MS),
      };
    }
    const { replayers, atMs } = batch;
    const nowMs = clock.nowMs();
    const toMs = Math.min(nowMs, (Math.floor(atMs / SLICE_MS) + 1) * SLICE_MS - 1);
    const pasts = await readPast(history, new Set(replayers.keys()), atMs, toMs);
    for (const [key, past] of pasts) {
      const one = replayers.get(key);
      if (one !== undefined) one.replayer.feed(new Map([...past].filter(([tMs]) => tMs >= one.startedAtMs)));
    }
    batch.atMs = toMs + 1;
    if (toMs < nowMs) return;
    for (const [key, { replayer }] of replayers) if (replayer.fromMs !== null) warm(key, replayer);
    batch = null;
  };

  return {
    async step() {
      const startMs = clock.monotonicMs();
      try {
        while (!this.done && clock.monotonicMs() - startMs < STEP_MS) await slice();
      } catch (error) {
        // A past that cannot be read is one that is not known: the detectors began anew when the service did.
        batch = null;
        waiting.length = 0;
        onProblem(error);
      }
    },
    get done() {
      return batch === null && waiting.length === 0;
    },
  };
}

interface Batch {
  readonly replayers: ReadonlyMap<ProcessKey, { readonly replayer: Replayer; readonly startedAtMs: number }>;
  atMs: number;
}
