/** Times and values side by side in typed arrays; grows by doubling, is cleared and used again. */
export class Samples {
  count = 0;
  times: Float64Array;
  values: Float64Array;

  constructor(capacity = 64) {
    this.times = new Float64Array(capacity);
    this.values = new Float64Array(capacity);
  }

  push(tMs: number, value: number): void {
    if (this.count === this.times.length) this.#grow();
    this.times[this.count] = tMs;
    this.values[this.count] = value;
    this.count += 1;
  }

  clear(): void {
    this.count = 0;
  }

  /**
   * Into time order; samples of one time keep their order. Only a clock that went back makes this do anything: both the
   * samples from before and from after the jump are kept, at the times they were given.
   */
  sortByTime(): void {
    if (this.#isSorted()) return;
    const order = Array.from({ length: this.count }, (_, index) => index);
    const { times, values } = this;
    order.sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);
    this.times = Float64Array.from(order, (index) => times[index] as number);
    this.values = Float64Array.from(order, (index) => values[index] as number);
  }

  #isSorted(): boolean {
    for (let index = 1; index < this.count; index += 1) {
      if ((this.times[index] as number) < (this.times[index - 1] as number)) return false;
    }
    return true;
  }

  #grow(): void {
    const times = new Float64Array(Math.max(8, this.times.length * 2));
    const values = new Float64Array(times.length);
    times.set(this.times.subarray(0, this.count));
    values.set(this.values.subarray(0, this.count));
    this.times = times;
    this.values = values;
  }
}
