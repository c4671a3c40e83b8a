import type { Samples } from './samples.ts';

const FIRST_CAPACITY = 8;
/** 2 min at 8 Hz; a series that is fed faster than that is sealed early rather than kept unsealed at length. */
export const MAX_RING_SAMPLES = 1024;

/**
 * The recent past of one series, in one typed array (time, value, time, value, …). It starts with room for eight samples
 * and grows only while its oldest sample is younger than the window: a quiet process that is looked at every 8 s never
 * needs more than sixteen places. The newest `unsealed` samples are in no block yet and are never overwritten.
 */
export class Ring {
  count = 0;
  unsealed = 0;
  #cells = new Float64Array(FIRST_CAPACITY * 2);
  #start = 0;

  /** O(1); allocates only when it doubles. False: full of unsealed samples, seal first. */
  push(tMs: number, value: number, windowMs: number): boolean {
    if (this.count * 2 === this.#cells.length && !this.#makeRoom(tMs - windowMs)) return false;
    const at = this.#cell(this.count);
    this.#cells[at] = tMs;
    this.#cells[at + 1] = value;
    this.count += 1;
    this.unsealed += 1;
    return true;
  }

  /** Appends samples to `into`, oldest first; `skip` leaves out that many of the oldest. */
  copy(into: Samples, skip = 0): void {
    for (let index = skip; index < this.count; index += 1) {
      const at = this.#cell(index);
      into.push(this.#cells[at] as number, this.#cells[at + 1] as number);
    }
  }

  copyUnsealed(into: Samples): void {
    this.copy(into, this.count - this.unsealed);
  }

  /** All samples are in a block now: forgets those before the window, and gives room back after a burst. */
  seal(windowMs: number): void {
    this.unsealed = 0;
    if (this.count === 0) return;
    const oldest = (this.#cells[this.#cell(this.count - 1)] as number) - windowMs;
    while (this.count > 1 && (this.#cells[this.#cell(0)] as number) < oldest) this.#dropOldest();
    const capacity = this.#cells.length / 2;
    if (capacity > FIRST_CAPACITY && this.count <= capacity / 4) this.#resize(capacity / 2);
  }

  get bytes(): number {
    return this.#cells.byteLength;
  }

  #makeRoom(oldestMs: number): boolean {
    const hasSealed = this.unsealed < this.count;
    const capacity = this.#cells.length / 2;
    if (hasSealed && ((this.#cells[this.#cell(0)] as number) < oldestMs || capacity >= MAX_RING_SAMPLES)) {
      this.#dropOldest();
      return true;
    }
    if (capacity >= MAX_RING_SAMPLES) return false;
    this.#resize(capacity * 2);
    return true;
  }

  #dropOldest(): void {
    this.#start = (this.#start + 2) % this.#cells.length;
    this.count -= 1;
  }

  #cell(index: number): number {
    return (this.#start + index * 2) % this.#cells.length;
  }

  #resize(capacity: number): void {
    const cells = new Float64Array(capacity * 2);
    for (let index = 0; index < this.count; index += 1) {
      const at = this.#cell(index);
      cells[index * 2] = this.#cells[at] as number;
      cells[index * 2 + 1] = this.#cells[at + 1] as number;
    }
    this.#cells = cells;
    this.#start = 0;
  }
}
