/**
 * A dyadic pyramid of blocks: level k keeps the last 32 blocks of width `blockMs · 2^k`, so that every time scale from
 * hours to weeks is at hand in a few KB, at O(1) amortised cost a sample. A block holds the minimum (the lower envelope:
 * what a garbage collector could not free), the mean, the mean load, and its mean time.
 */

export const BLOCKS = 32;
export const LEVELS = 9;

/** Told about each block as it is complete. `level` 0 is the finest. */
export type BlockListener = (level: number) => void;

export interface Pyramid {
  readonly blockMs: number;
  /** `tSeconds` counts from the first sample and never goes back. */
  push(tSeconds: number, value: number, load: number): void;
  /** Ends the open block at each level, so that the last part-filled blocks count (the end of a replay). */
  count(level: number): number;
  /** Total blocks ever closed at the level. */
  closed(level: number): number;
  time(level: number, i: number): number;
  min(level: number, i: number): number;
  mean(level: number, i: number): number;
  load(level: number, i: number): number;
  /** Highest block mean that has left the ring at the level; -Infinity when none has. */
  forgottenMax(level: number): number;
  readonly stateBytes: number;
}

/**
 * Up to this level (40-minute blocks) a block's floor is the least of its parts: no collector waits longer between major
 * collections. Above it floors are averaged, which noise moves far less than the minimum of a minimum.
 */
const ENVELOPE_LEVEL = 3;

const FIELDS = 4;
const OPEN_FIELDS = 6;

export function createPyramid(blockMs: number, onBlock: BlockListener): Pyramid {
  const ring = new Float32Array(LEVELS * BLOCKS * FIELDS);
  const closed = new Uint32Array(LEVELS);
  const forgotten = new Float32Array(LEVELS).fill(Number.NEGATIVE_INFINITY);
  // Per level: block index, min, sum, load sum, time sum, weight. Weight 0: nothing open.
  const open = new Float64Array(LEVELS * OPEN_FIELDS);

  const close = (level: number): void => {
    const o = level * OPEN_FIELDS;
    const n = open[o + 5]!;
    if (n === 0) return;
    const total = closed[level]!;
    const slot = (level * BLOCKS + (total % BLOCKS)) * FIELDS;
    if (total >= BLOCKS) forgotten[level] = Math.max(forgotten[level]!, ring[slot + 2]!);
    const index = open[o]!;
    const min = level > ENVELOPE_LEVEL ? open[o + 1]! / n : open[o + 1]!;
    const mean = open[o + 2]! / n;
    const load = open[o + 3]! / n;
    const time = open[o + 4]! / n;
    ring[slot] = time;
    ring[slot + 1] = min;
    ring[slot + 2] = mean;
    ring[slot + 3] = load;
    closed[level] = total + 1;
    open[o + 5] = 0;
    onBlock(level);
    if (level + 1 < LEVELS) {
      add(level + 1, Math.floor(index / 2), min, mean, load, time);
      // The second child completes its parent: no need to wait for the next block.
      if (index % 2 === 1) close(level + 1);
    }
  };

  const add = (level: number, index: number, min: number, value: number, load: number, time: number): void => {
    const o = level * OPEN_FIELDS;
    if (open[o + 5]! > 0 && open[o] !== index) close(level);
    if (open[o + 5] === 0) {
      open[o] = index;
      open[o + 1] = min;
      open[o + 2] = value;
      open[o + 3] = load;
      open[o + 4] = time;
      open[o + 5] = 1;
      return;
    }
    if (level > ENVELOPE_LEVEL) open[o + 1] = open[o + 1]! + min;
    else if (min < open[o + 1]!) open[o + 1] = min;
    open[o + 2] = open[o + 2]! + value;
    open[o + 3] = open[o + 3]! + load;
    open[o + 4] = open[o + 4]! + time;
    open[o + 5] = open[o + 5]! + 1;
  };

  const count = (level: number): number => Math.min(BLOCKS, closed[level]!);
  const at = (level: number, i: number): number =>
    (level * BLOCKS + ((closed[level]! - count(level) + i) % BLOCKS)) * FIELDS;
  const blockSeconds = blockMs / 1000;

  return {
    blockMs,
    push(tSeconds, value, load) {
      add(0, Math.floor(tSeconds / blockSeconds), value, value, load, tSeconds);
    },
    count,
    closed: (level) => closed[level]!,
    time: (level, i) => ring[at(level, i)]!,
    min: (level, i) => ring[at(level, i) + 1]!,
    mean: (level, i) => ring[at(level, i) + 2]!,
    load: (level, i) => ring[at(level, i) + 3]!,
    forgottenMax: (level) => forgotten[level]!,
    stateBytes: ring.byteLength + closed.byteLength + forgotten.byteLength + open.byteLength,
  };
}
