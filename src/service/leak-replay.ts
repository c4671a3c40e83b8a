import { createLeakDetector, type LeakDetector } from '../detectors/index.ts';
import type { DetectorSample, Metric, SubjectId } from '../model/index.ts';

/** A stretch of samples of one series, as history hands them out. */
interface Stretch {
  readonly count: number;
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/** What is needed of history. */
export interface LeakHistory {
  scan(
    query: { readonly fromMs: number; readonly toMs: number; readonly subject: SubjectId },
    visitor: (subject: SubjectId, metric: Metric, samples: Stretch) => void,
  ): Promise<void>;
}

/** The figures of history that a detector can use, and what they are called there. */
const FIELDS: Partial<Record<Metric, 'rssBytes' | 'pssBytes' | 'swapBytes' | 'cpuMs'>> = {
  rssBytes: 'rssBytes',
  pssBytes: 'pssBytes',
  swapBytes: 'swapBytes',
  cpuMs: 'cpuMs',
};
/** Two days of a process that is read every second; what is older is kept as minutes and is not scanned. */
const MAX_SAMPLES = 200_000;

interface Recorded {
  rssBytes?: number;
  pssBytes?: number;
  swapBytes?: number;
  cpuMs?: number;
}

/**
 * A detector that has seen what history holds of a process: the same code as live. Null: history holds nothing of it.
 * All samples of one sweep have one time, so figures of the same time belong together.
 */
export async function replay(
  history: LeakHistory,
  subject: SubjectId,
  fromMs: number,
  toMs: number,
): Promise<LeakDetector | null> {
  const recorded = new Map<number, Recorded>();
  await history.scan({ fromMs, toMs, subject }, (_, metric, samples) => {
    const field = FIELDS[metric];
    if (field === undefined) return;
    for (let index = 0; index < samples.count; index += 1) {
      const tMs = samples.times[index] as number;
      let at = recorded.get(tMs);
      if (at === undefined) {
        if (recorded.size >= MAX_SAMPLES) return;
        recorded.set(tMs, (at = {}));
      }
      at[field] = samples.values[index] as number;
    }
  });
  const detector = createLeakDetector();
  for (const sample of inOrder(recorded)) detector.push(sample);
  return detector.verdict().samples === 0 ? null : detector;
}

function* inOrder(recorded: ReadonlyMap<number, Recorded>): Generator<DetectorSample> {
  let cpu: { readonly atMs: number; readonly cpuMs: number } | null = null;
  for (const tMs of [...recorded.keys()].toSorted((a, b) => a - b)) {
    const { rssBytes, pssBytes, swapBytes, cpuMs } = recorded.get(tMs) ?? {};
    if (rssBytes === undefined) continue;
    const cpuRatio = cpu === null || cpuMs === undefined ? null : Math.max(0, cpuMs - cpu.cpuMs) / (tMs - cpu.atMs);
    if (cpuMs !== undefined) cpu = { atMs: tMs, cpuMs };
    yield { tMs, rssBytes, pssBytes, swapBytes, cpuRatio };
  }
}
