import type { DetectorSample } from '../../model/index.ts';
import { createWatchSeries, type WatchSeries } from './series.ts';
import { type HeapFloors, judge, type WatchVerdict } from './verdict.ts';

/** A short recording, judged as `rampart run` judges a command. */
export interface RunRecording {
  push(sample: DetectorSample): void;
  /** As it stood at `endMs` (default: the end). Null: nothing was recorded. */
  verdict(endMs?: number): WatchVerdict | null;
}

/** Minima of a second, as of a watched command. */
const STEP_MS = 1000;

const NONE = { points: [] };
const NO_FLOORS: HeapFloors = { live: NONE, heap: NONE, external: NONE, residual: NONE, outside: NONE };

export function createRunRecording(): RunRecording {
  const series = (): WatchSeries => createWatchSeries(STEP_MS);
  const [memory, swap, heap, external] = [series(), series(), series(), series()];
  const [children, threads, openFiles, files] = [series(), series(), series(), series()];
  const [floors, work] = [series(), series()];
  let workMs = 0;
  let startMs: number | null = null;
  let lastMs = Number.NEGATIVE_INFINITY;
  /** What PSS + swap said beyond RSS when they were last read, which is seldom. */
  let beyondRss = 0;

  const until = ({ points }: WatchSeries, endMs: number) => ({ points: points.filter(({ tMs }) => tMs <= endMs) });

  return {
    push(sample) {
      const { tMs, rssBytes } = sample;
      if (!Number.isFinite(tMs) || tMs <= lastMs || known(rssBytes) === null) return;
      workMs += (known(sample.cpuRatio) ?? 0) * (startMs === null ? 0 : tMs - lastMs);
      startMs ??= tMs;
      lastMs = tMs;
      work.push(tMs, workMs);
      const pss = known(sample.pssBytes);
      const swapBytes = known(sample.swapBytes);
      if (pss !== null || swapBytes !== null) beyondRss = (pss ?? rssBytes) + (swapBytes ?? 0) - rssBytes;
      memory.push(tMs, Math.max(0, rssBytes + beyondRss));
      for (const [into, value] of [
        [swap, swapBytes],
        [heap, known(sample.heapUsedBytes)],
        [external, known(sample.externalBytes)],
        [children, known(sample.children)],
        [threads, known(sample.threads)],
        [openFiles, known(sample.openFiles)],
        [files, known(sample.fileBytes)],
      ] as const) {
        if (value !== null) into.push(tMs, value);
      }
      const floor = known(sample.gcFloorBytes);
      if (floor !== null) floors.push(tMs, floor);
    },
    verdict(endMs = lastMs) {
      if (startMs === null) return null;
      const natural: HeapFloors = { ...NO_FLOORS, live: until(floors, endMs), heap: until(floors, endMs) };
      return judge({
        startMs,
        endMs,
        endedByItself: false,
        isolates: floors.points.length > 0 ? [{ pid: null, threadId: 0, tool: false, forced: NO_FLOORS, natural }] : [],
        rest: until(memory, endMs),
        batch: NONE,
        parts: {
          'swap-hidden': until(swap, endMs),
          external: until(external, endMs),
          'v8-heap': until(heap, endMs),
        },
        work: until(work, endMs),
        children: until(children, endMs),
        threads: until(threads, endMs),
        openFiles: until(openFiles, endMs),
        files: until(files, endMs),
      });
    },
  };
}

function known(value: number | null | undefined): number | null {
  return value !== null && value !== undefined && Number.isFinite(value) && value >= 0 ? value : null;
}
