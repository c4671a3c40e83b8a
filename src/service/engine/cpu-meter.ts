import type { ProcessSample } from '../../model/index.ts';

/** CPU times come in steps of 10 ms: over less than this a share would be noise. */
const MIN_SPAN_MS = 250;

/**
 * Share of one core of one process, from the last two readings of its CPU time. A source reads that more seldom than
 * memory (on Linux every 16 to 32 s while a process is quiet), so each reading counts with the time it was made.
 */
export class CpuMeter {
  #atMs: number;
  #cpuMs: number;
  #percent: number | null = null;

  constructor(sample: ProcessSample, atMs: number) {
    this.#atMs = sample.cpuAtMs ?? atMs;
    this.#cpuMs = sample.cpuMs;
  }

  note(sample: ProcessSample, atMs: number): void {
    const readAtMs = sample.cpuAtMs ?? atMs;
    const spanMs = readAtMs - this.#atMs;
    // The wall clock may be set back: begin again from there.
    if (spanMs >= 0 && spanMs < MIN_SPAN_MS) return;
    if (spanMs > 0) this.#percent = (Math.max(0, sample.cpuMs - this.#cpuMs) / spanMs) * 100;
    this.#atMs = readAtMs;
    this.#cpuMs = sample.cpuMs;
  }

  /** Average between the last two readings; null: read once only. */
  percent(): number | null {
    return this.#percent;
  }
}
