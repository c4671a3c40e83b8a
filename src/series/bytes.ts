import { RampartError } from '../model/index.ts';

/**
 * Bytes written and read one variable-length number at a time: seven bits a byte, low bits first, as in protobuf.
 * Numbers go up to 2^53 − 1, so the upper part is divided, not shifted (shifts cut to 32 bits).
 */
export class ByteWriter {
  length = 0;
  #bytes: Uint8Array;
  readonly #float = new DataView(new ArrayBuffer(8));

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** An unsigned whole number below 2^53. */
  varint(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest > 0x7fffffff) {
      this.#bytes[this.length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      this.#bytes[this.length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#bytes[this.length++] = rest;
  }

  /** A signed whole number within ±2^51. */
  signed(value: number): void {
    this.varint(zigzag(value));
  }

  float(value: number): void {
    this.#float.setFloat64(0, value, true);
    this.raw(new Uint8Array(this.#float.buffer));
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** What was written so far; valid until the next write. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.length + count));
    larger.set(this.#bytes.subarray(0, this.length));
    this.#bytes = larger;
  }
}

/** Reads what `ByteWriter` wrote. Reading past the end throws `corrupt`: it never returns made-up numbers. */
export class ByteReader {
  position: number;
  readonly #bytes: Uint8Array;
  readonly #end: number;

  constructor(bytes: Uint8Array, from = 0, to: number = bytes.length) {
    if (from < 0 || to < from || to > bytes.length) throw corrupt('a part lies outside of its block');
    this.#bytes = bytes;
    this.position = from;
    this.#end = to;
  }

  get remaining(): number {
    return this.#end - this.position;
  }

  varint(): number {
    let value = 0;
    let factor = 1;
    for (let index = 0; index < 8; index += 1) {
      if (this.position >= this.#end) throw corrupt('a number is cut off');
      const byte = this.#bytes[this.position++] as number;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
    throw corrupt('a number is too long');
  }

  signed(): number {
    return unzigzag(this.varint());
  }

  float(): number {
    const at = this.position;
    this.skip(8);
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + at, 8).getFloat64(0, true);
  }

  raw(length: number): Uint8Array {
    const at = this.position;
    this.skip(length);
    return this.#bytes.subarray(at, at + length);
  }

  skip(length: number): void {
    if (length > this.remaining) throw corrupt('a part is cut off');
    this.position += length;
  }
}

/** Small magnitudes of either sign become small unsigned numbers: 0, −1, 1, −2, … → 0, 1, 2, 3, … */
export function zigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

export function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

export function corrupt(what: string): RampartError {
  return new RampartError(
    'corrupt',
    `history: ${what}`,
    'The damaged record is skipped and counted; nothing needs to be done.',
  );
}
