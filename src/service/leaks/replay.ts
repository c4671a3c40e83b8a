import { createLeakDetector, type LeakDetector } from '../../detectors/index.ts';
import type { DetectorSample, LeakFinding, Metric, ProcessKey, SubjectId } from '../../model/index.ts';

/** A stretch of samples of one series, as history hands them out. */
interface Stretch {
  readonly count: number;
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/** What is needed of history. */
export interface LeakHistory {
  scan(
    query: {
      readonly fromMs: number;
      readonly toMs: number;
      readonly subject?: SubjectId;
      readonly subjects?: ReadonlySet<SubjectId>;
    },
    visitor: (subject: SubjectId, metric: Metric, samples: Stretch) => void,
  ): Promise<void>;
}

/** The figures of history that a detector can use; they have the same names there. */
const FIELDS = ['rssBytes', 'pssBytes', 'swapBytes', 'cpuMs'] as const;
type Field = (typeof FIELDS)[number];
const isField = (metric: Metric): metric is Field => (FIELDS as readonly Metric[]).includes(metric);

/** Figures of one process, by time: all samples of one sweep have one time, so what has the same time belongs together. */
export type Past = ReadonlyMap<number, Readonly<Partial<Record<Field, number>>>>;

/** As live (see watch.ts): more than a sample in five seconds adds cost, not knowledge. */
export const MIN_SPACING_MS = 5_000;
/** Two days at that spacing; what is older is kept as minutes and is not scanned. */
const MAX_SAMPLES = 40_000;

/** What history holds of some processes in a window, each at most once in `MIN_SPACING_MS`. */
export async function readPast(
  history: LeakHistory,
  keys: ReadonlySet<ProcessKey>,
  fromMs: number,
  toMs: number,
): Promise<ReadonlyMap<ProcessKey, Past>> {
  const stretches = new Map<ProcessKey, Record<Field, Stretch[]>>();
  const [only] = keys;
  const which = keys.size === 1 && only !== undefined ? { subject: only } : { subjects: keys };
  await history.scan({ fromMs, toMs, ...which }, (subject, metric, { count, times, values }) => {
    const key = subject as ProcessKey;
    if (!isField(metric) || !keys.has(key)) return;
    let held = stretches.get(key);
    if (held === undefined) stretches.set(key, (held = { rssBytes: [], pssBytes: [], swapBytes: [], cpuMs: [] }));
    // History reuses its arrays.
    held[metric].push({ count, times: times.slice(0, count), values: values.slice(0, count) });
  });
  return new Map([...stretches].map(([key, held]) => [key, joined(held)]));
}

/** RSS decides which times count, thinned; the others are looked up there. PSS, which is read seldom, brings its own. */
function joined(held: Readonly<Record<Field, readonly Stretch[]>>): Past {
  const past = new Map<number, Partial<Record<Field, number>>>();
  let keptMs = Number.NEGATIVE_INFINITY;
  each(held.pssBytes, (tMs, pssBytes) => past.set(tMs, { pssBytes }));
  each(held.rssBytes, (tMs, rssBytes) => {
    const at = past.get(tMs);
    if (at !== undefined) at.rssBytes = rssBytes;
    else if (Math.abs(tMs - keptMs) >= MIN_SPACING_MS && past.size < MAX_SAMPLES)
      past.set((keptMs = tMs), { rssBytes });
  });
  for (const field of ['swapBytes', 'cpuMs'] as const) {
    each(held[field], (tMs, value) => {
      const at = past.get(tMs);
      if (at !== undefined) at[field] = value;
    });
  }
  return past;
}

function each(stretches: readonly Stretch[], visit: (tMs: number, value: number) => void): void {
  for (const { count, times, values } of stretches) {
    for (let index = 0; index < count; index += 1) visit(times[index] as number, values[index] as number);
  }
}

/** Feeds a detector with the past of its process: the same code as live. */
export interface Replayer {
  readonly detector: LeakDetector;
  /** Null: nothing yet. */
  readonly fromMs: number | null;
  readonly last: { readonly atMs: number; readonly cpuMs: number | null } | null;
  feed(past: Past): void;
}

export function createReplayer(): Replayer {
  const detector = createLeakDetector();
  let fromMs: number | null = null;
  let last: Replayer['last'] = null;
  return {
    detector,
    get fromMs() {
      return fromMs;
    },
    get last() {
      return last;
    },
    feed(past) {
      for (const tMs of [...past.keys()].toSorted((a, b) => a - b)) {
        const { rssBytes, pssBytes, swapBytes, cpuMs } = past.get(tMs) ?? {};
        if (rssBytes === undefined || (last !== null && tMs <= last.atMs)) continue;
        const cpuRatio: DetectorSample['cpuRatio'] =
          last === null || last.cpuMs === null || cpuMs === undefined
            ? null
            : Math.max(0, cpuMs - last.cpuMs) / (tMs - last.atMs);
        detector.push({ tMs, rssBytes, pssBytes, swapBytes, cpuRatio });
        fromMs ??= tMs;
        last = { atMs: tMs, cpuMs: cpuMs ?? null };
      }
    },
  };
}

/** A detector that has seen what history holds of a process. Null: history holds nothing of it. */
export async function replay(
  history: LeakHistory,
  key: ProcessKey,
  fromMs: number,
  toMs: number,
): Promise<LeakDetector | null> {
  const replayer = createReplayer();
  const past = (await readPast(history, new Set([key]), fromMs, toMs)).get(key);
  if (past !== undefined) replayer.feed(past);
  return replayer.fromMs === null ? null : replayer.detector;
}

/** What the detectors say of a process when they see only what history holds of it since then. */
export async function recall(
  history: LeakHistory | null,
  key: ProcessKey,
  fromMs: number,
  toMs: number,
): Promise<LeakFinding | null> {
  const detector = history === null ? null : await replay(history, key, fromMs, toMs);
  return detector?.verdict(toMs) ?? null;
}
