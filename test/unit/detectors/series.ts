import { createLeakDetector, type LeakDetector, type LeakDetectorOptions } from '../../../src/detectors/index.ts';
import type { DetectorSample } from '../../../src/model/index.ts';

export const MIB = 1048576;
export const HOUR_MS = 3_600_000;

/** Deterministic noise in [-1, 1] (mulberry32), so that a failing test fails again. */
export function noise(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2147483648 - 1;
  };
}

export interface Shape {
  readonly hours: number;
  readonly stepS?: number;
  readonly seed?: number;
  /** RSS in MiB at `h` hours, before noise. */
  readonly mib: (h: number) => number;
  /** Half-width of the noise, MiB. */
  readonly noiseMib?: number;
  /** Further fields of the sample. */
  readonly more?: (h: number, mib: number) => Partial<DetectorSample>;
}

export function* samplesOf(shape: Shape): Generator<DetectorSample> {
  const random = noise(shape.seed ?? 1);
  const stepMs = (shape.stepS ?? 30) * 1000;
  for (let tMs = 0; tMs < shape.hours * HOUR_MS; tMs += stepMs) {
    const h = tMs / HOUR_MS;
    const mib = Math.max(1, shape.mib(h) + (shape.noiseMib ?? 1) * random());
    yield { tMs: 1_700_000_000_000 + tMs, rssBytes: mib * MIB, ...shape.more?.(h, mib) };
  }
}

export function watch(shape: Shape, options?: LeakDetectorOptions): LeakDetector {
  const detector = createLeakDetector(options);
  for (const sample of samplesOf(shape)) detector.push(sample);
  return detector;
}

/** Hours until the verdict is 'leaking' for the first time; null: never. */
export function hoursToAlarm(shape: Shape, options?: LeakDetectorOptions): number | null {
  const detector = createLeakDetector(options);
  for (const sample of samplesOf(shape)) {
    detector.push(sample);
    if (detector.state() === 'leaking') return (sample.tMs - 1_700_000_000_000) / HOUR_MS;
  }
  return null;
}
