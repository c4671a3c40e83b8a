import type { ProcessSample } from '../model/index.ts';

/**
 * Share of one core of one process, from the CPU times that its samples carry. A source reads CPU time seldom while a
 * process is quiet (on Linux every 16 s), so the time of a reading is only certain when the figure has changed.
 */
export class CpuMeter {
  readonly #firstMs: number;
  #atMs: number;
  #cpuMs: number;
  #formerAtMs: number;
  #formerCpuMs: number;

  constructor(sample: ProcessSample, atMs: number) {
    this.#firstMs = atMs;
    this.#atMs = atMs;
    this.#formerAtMs = atMs;
    this.#cpuMs = sample.cpuMs;
    this.#formerCpuMs = sample.cpuMs;
  }

  note(sample: ProcessSample, atMs: number): void {
    if (sample.cpuMs === this.#cpuMs || atMs - this.#atMs < MIN_SPAN_MS) return;
    this.#formerAtMs = Math.max(this.#atMs, atMs - MAX_SPAN_MS);
    this.#formerCpuMs = this.#cpuMs;
    this.#atMs = atMs;
    this.#cpuMs = sample.cpuMs;
  }

  /** Average over the last span between two readings, at most `MAX_SPAN_MS`; null: read once only. */
  percent(nowMs: number): number | null {
    if (nowMs - this.#firstMs < MIN_SPAN_MS) return null;
    if (nowMs - this.#atMs > MAX_SPAN_MS) return 0;
    const spanMs = nowMs - this.#formerAtMs;
    return spanMs < MIN_SPAN_MS ? null : (Math.max(0, this.#cpuMs - this.#formerCpuMs) / spanMs) * 100;
  }
}

/** CPU times come in steps of 10 ms: over less than this a share would be noise. */
const MIN_SPAN_MS = 250;
/** The longest that a source leaves the CPU time of a process unread, and one tick. */
const MAX_SPAN_MS = 20_000;
