import type { Attribution, Clock, ProcessSample, Source } from '../../model/index.ts';

/** A reading this young serves again: twenty agents that ask at once cost one round of reading. */
const FRESH_MS = 250;
/** After this time a reading says nothing about shared pages any more, even if RSS did not move. */
const STALE_MS = 60_000;

interface Owned {
  readonly sample: ProcessSample;
  readonly attribution: Attribution;
}

/** Session trees first: their sums are the bill. What is left of the budget goes to what agents left behind. */
export async function refreshTrees(
  source: Source,
  clock: Clock,
  rows: readonly Owned[],
  budgetMs: number,
): Promise<void> {
  const startMs = clock.monotonicMs();
  const inTrees = rows.filter(({ attribution }) => attribution.sessionId !== null && attribution.agent !== null);
  const leftBehind = rows.filter(({ attribution }) => attribution.role !== 'other' && attribution.agent === null);
  for (const part of [inTrees, leftBehind]) {
    const samples = part.map(({ sample }) => sample);
    await refreshFootprints(source, clock, samples, budgetMs - (clock.monotonicMs() - startMs));
  }
}

/** The source's own budget goes round all processes and takes minutes: the bill of a new session must not wait for it. */
export async function readFirstFootprints(
  source: Source,
  clock: Clock,
  rows: Iterable<Owned>,
  budgetMs: number,
): Promise<void> {
  const unread = [...rows].filter(
    ({ sample, attribution }) => attribution.role !== 'other' && sample.footprint === null,
  );
  if (unread.length === 0) return;
  const samples = unread.map(({ sample }) => sample);
  await refreshFootprints(source, clock, samples, budgetMs);
}

/**
 * Reads PSS, USS and swap anew, within `budgetMs`, of what is most likely out of date; the rest keeps its last reading,
 * which carries its time. The source keeps each in the process's sample. Returns how many were left out.
 */
export async function refreshFootprints(
  source: Source,
  clock: Clock,
  samples: readonly ProcessSample[],
  budgetMs: number,
): Promise<number> {
  const nowMs = clock.nowMs();
  const queue = samples
    .map((sample) => ({ sample, doubtBytes: doubtBytes(sample, nowMs) }))
    .filter((entry) => entry.doubtBytes !== null)
    .toSorted((a, b) => (b.doubtBytes ?? 0) - (a.doubtBytes ?? 0));
  const startMs = clock.monotonicMs();
  for (const [index, { sample }] of queue.entries()) {
    if (clock.monotonicMs() - startMs >= budgetMs) return queue.length - index;
    await source.footprint(sample);
  }
  return 0;
}

/** By how much the last reading may be wrong: what RSS moved since, and sharing, which changes unseen. Null: it is new. */
function doubtBytes({ footprint, rssBytes, state }: ProcessSample, nowMs: number): number | null {
  if (state === 'zombie') return null;
  if (footprint === null) return Number.MAX_SAFE_INTEGER;
  const ageMs = Math.abs(nowMs - footprint.atMs);
  if (ageMs < FRESH_MS) return null;
  return Math.abs(rssBytes - footprint.rssBytes) + footprint.pssBytes * Math.min(1, ageMs / STALE_MS);
}
