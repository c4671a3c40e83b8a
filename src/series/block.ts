import { ByteReader, ByteWriter, corrupt } from './bytes.ts';
import { type Axis, decodeChunk, encodeChunk, MAX_CHUNK_SAMPLES } from './chunk.ts';
import type { Samples } from './samples.ts';

/**
 * A block: what many series gained in a stretch of time. Head (samples, time range), the time axis they share, a
 * directory (length of each chunk, and its series number where that does not follow the one before), the chunks. The same bytes serve in RAM and on disk.
 */
export interface Block {
  readonly bytes: Uint8Array;
  readonly fromMs: number;
  readonly toMs: number;
  readonly samples: number;
}

/** Below this many samples at one time, writing the time in the chunk itself is as cheap as a place on the axis. */
export const MIN_SHARED = 3;

export function makeAxis(times: Iterable<number>): Axis {
  const sorted = [...new Set(times)].sort((a, b) => a - b);
  return { times: sorted, positions: new Map(sorted.map((time, index) => [time, index])) };
}

/** Collects the chunks of a block. `add` may be called in any order of series; samples must be in time order. */
export class BlockWriter {
  readonly #axis: Axis;
  readonly #chunks = new ByteWriter(4096);
  readonly #directory = new ByteWriter(1024);
  #entries = 0;
  #lastKey = 0;
  #samples = 0;
  #fromMs = Infinity;
  #toMs = -Infinity;

  constructor(axis: Axis) {
    this.#axis = axis;
  }

  /** Length so far, to stop before a block gets too large. */
  get length(): number {
    return this.#chunks.length + this.#directory.length;
  }

  add(key: number, samples: Samples): void {
    if (samples.count === 0) return;
    this.#fromMs = Math.min(this.#fromMs, samples.times[0] as number);
    this.#toMs = Math.max(this.#toMs, samples.times[samples.count - 1] as number);
    this.#samples += samples.count;
    for (let from = 0; from < samples.count; from += MAX_CHUNK_SAMPLES) {
      const to = Math.min(samples.count, from + MAX_CHUNK_SAMPLES);
      this.addChunk(key, (out) => encodeChunk(out, samples, from, to, this.#axis));
    }
  }

  /** A chunk of another kind (a roll-up), written by `encode` onto this block's axis. */
  addChunk(key: number, encode: (out: ByteWriter, axis: Axis) => void): void {
    const before = this.#chunks.length;
    encode(this.#chunks, this.#axis);
    const follows = key === this.#lastKey + 1;
    this.#directory.varint((this.#chunks.length - before) * 2 + (follows ? 0 : 1));
    if (!follows) this.#directory.signed(key - this.#lastKey);
    this.#lastKey = key;
    this.#entries += 1;
  }

  /** Counts samples and times of chunks that came through `addChunk`. */
  cover(fromMs: number, toMs: number, samples: number): void {
    this.#fromMs = Math.min(this.#fromMs, fromMs);
    this.#toMs = Math.max(this.#toMs, toMs);
    this.#samples += samples;
  }

  finish(): Block | null {
    if (this.#entries === 0) return null;
    const out = new ByteWriter(this.length + this.#axis.times.length * 2 + 64);
    out.varint(this.#samples);
    out.varint(this.#fromMs);
    out.varint(this.#toMs - this.#fromMs);
    writeAxis(out, this.#axis.times);
    out.varint(this.#entries);
    out.varint(this.#directory.length);
    out.raw(this.#directory.view());
    out.raw(this.#chunks.view());
    return { bytes: out.view().slice(), fromMs: this.#fromMs, toMs: this.#toMs, samples: this.#samples };
  }
}

/** Reads a block: its head at once, axis and chunks when they are asked for. */
export class BlockReader {
  readonly samples: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly #bytes: Uint8Array;
  readonly #axisAt: number;
  #axis: { times: number[]; end: number } | null = null;

  constructor(bytes: Uint8Array) {
    const reader = new ByteReader(bytes);
    this.#bytes = bytes;
    this.samples = reader.varint();
    this.fromMs = reader.varint();
    this.toMs = this.fromMs + reader.varint();
    this.#axisAt = reader.position;
  }

  get axis(): readonly number[] {
    return this.#readAxis().times;
  }

  /** Each chunk's series number and place; a series may have several. */
  entries(visit: (key: number, from: number, to: number) => void): void {
    const directory = new ByteReader(this.#bytes, this.#readAxis().end);
    const count = directory.varint();
    let at = directory.varint() + directory.position;
    let key = 0;
    for (let index = 0; index < count; index += 1) {
      const token = directory.varint();
      key += token % 2 === 0 ? 1 : directory.signed();
      const length = Math.floor(token / 2);
      if (at + length > this.#bytes.length) throw corrupt('a chunk lies outside of its block');
      visit(key, at, at + length);
      at += length;
    }
  }

  /** Appends the samples of the chunk at a place that `entries` named. */
  decode(from: number, to: number, into: Samples): void {
    decodeChunk(this.chunk(from, to), this.axis, into);
  }

  chunk(from: number, to: number): ByteReader {
    return new ByteReader(this.#bytes, from, to);
  }

  #readAxis(): { times: number[]; end: number } {
    this.#axis ??= readAxis(new ByteReader(this.#bytes, this.#axisAt));
    return this.#axis;
  }
}

/** Times as differences of differences: a steady tick with a few ms of jitter takes one byte. */
function writeAxis(out: ByteWriter, times: readonly number[]): void {
  out.varint(times.length);
  let before = 0;
  let step = 0;
  times.forEach((time, index) => {
    if (index === 0) out.varint(time);
    else out.signed(time - before - step);
    step = index === 0 ? 1000 : time - before;
    before = time;
  });
}

function readAxis(reader: ByteReader): { times: number[]; end: number } {
  const count = reader.varint();
  if (count > reader.remaining) throw corrupt('a time axis is longer than its block');
  const times: number[] = [];
  let step = 1000;
  for (let index = 0; index < count; index += 1) {
    if (index === 0) {
      times.push(reader.varint());
      continue;
    }
    step += reader.signed();
    times.push((times[index - 1] as number) + step);
  }
  return { times, end: reader.position };
}
