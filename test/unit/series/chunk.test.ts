import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RampartError } from '../../../src/model/index.ts';
import { BlockReader, BlockWriter, ByteReader, ByteWriter, makeAxis, Samples } from '../../../src/series/index.ts';
import { decodeChunk, encodeChunk } from '../../../src/series/chunk.ts';

/** Values as the kernel gives them, and values that it never would. */
const value = fc.oneof(
  fc.nat({ max: 2 ** 22 }).map((pages) => pages * 4096),
  fc.nat({ max: 2 ** 26 }).map((kib) => kib * 1024),
  fc.nat({ max: 2 ** 30 }).map((ticks) => ticks * 10),
  fc.nat({ max: 10_000 }).map((hundredths) => hundredths / 100),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
);
const time = fc.oneof(
  fc.nat({ max: 3600 }).map((tick) => 1_700_000_000_000 + tick * 1000),
  fc.integer({ min: 0, max: 2 ** 48 - 1 }),
);
const series = fc.array(fc.tuple(time, value), { minLength: 1, maxLength: 200 });

function samplesOf(pairs: readonly (readonly [number, number])[]): Samples {
  const samples = new Samples(1);
  for (const [tMs, at] of pairs) samples.push(tMs, at);
  samples.sortByTime();
  return samples;
}

function pairsOf(samples: Samples): [number, number][] {
  return Array.from({ length: samples.count }, (_, index) => [
    samples.times[index] as number,
    samples.values[index] as number,
  ]);
}

/** The code of the error that a call ends in; null: it ends well. */
function failureOf(call: () => void): string | null {
  try {
    call();
    return null;
  } catch (error) {
    return error instanceof RampartError ? error.code : String(error);
  }
}

describe('a chunk', () => {
  it('gives back every sample bit by bit, on the axis or on its own times', () => {
    fc.assert(
      fc.property(series, fc.boolean(), (pairs, shared) => {
        const samples = samplesOf(pairs);
        const axis = makeAxis(shared ? pairs.map(([tMs]) => tMs) : []);
        const out = new ByteWriter(1);
        encodeChunk(out, samples, 0, samples.count, axis);
        const back = new Samples(1);
        decodeChunk(new ByteReader(out.view()), axis.times, back);
        expect(pairsOf(back)).toEqual(pairsOf(samples));
      }),
      { numRuns: 500 },
    );
  });

  it('takes a few bytes for an hour of a process that sits still', () => {
    const pairs = Array.from({ length: 450 }, (_, index) => [1_700_000_000_000 + index * 8000, 20_000 * 4096] as const);
    const ticks = Array.from({ length: 3600 }, (_, index) => 1_700_000_000_000 + index * 1000);
    const out = new ByteWriter();
    encodeChunk(out, samplesOf(pairs), 0, pairs.length, makeAxis(ticks));
    expect(out.length).toBeLessThanOrEqual(8);
  });

  it('refuses what it did not write instead of making samples up or running on for ever', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const into = new Samples(1);
        expect(failureOf(() => decodeChunk(new ByteReader(bytes), [1, 2, 3], into))).toBeOneOf([null, 'corrupt']);
        expect(into.count).toBeLessThanOrEqual(65_536);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a block', () => {
  it('gives back every series under its number, in any order of writing', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 2 ** 28 }), { minLength: 1, maxLength: 20 }), series, (keys, pairs) => {
        const samples = samplesOf(pairs);
        const writer = new BlockWriter(makeAxis(pairs.slice(0, 5).map(([tMs]) => tMs)));
        for (const key of keys) writer.add(key, samples);
        const block = writer.finish();
        if (block === null) throw new Error('a block with samples is never null');
        const reader = new BlockReader(block.bytes);
        const found: number[] = [];
        reader.entries((key, from, to) => {
          found.push(key);
          const back = new Samples();
          reader.decode(from, to, back);
          expect(pairsOf(back)).toEqual(pairsOf(samples));
        });
        expect(found).toEqual(keys);
        expect(reader.samples).toBe(samples.count * keys.length);
        expect([reader.fromMs, reader.toMs]).toEqual([samples.times[0], samples.times[samples.count - 1]]);
      }),
    );
  });

  it('splits what is too long for a chunk', () => {
    const samples = new Samples();
    for (let index = 0; index < 150_000; index += 1) samples.push(index, index);
    const writer = new BlockWriter(makeAxis([]));
    writer.add(7, samples);
    const reader = new BlockReader((writer.finish() as { bytes: Uint8Array }).bytes);
    const back = new Samples();
    const keys: number[] = [];
    reader.entries((key, from, to) => {
      keys.push(key);
      reader.decode(from, to, back);
    });
    expect(keys).toEqual([7, 7, 7]);
    expect(back.count).toBe(150_000);
    expect(back.values[149_999]).toBe(149_999);
  });

  it('never throws anything but "corrupt" on bytes of another kind', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const readAll = (): void => {
          const reader = new BlockReader(bytes);
          reader.entries((_key, from, to) => reader.decode(from, to, new Samples(1)));
        };
        expect(failureOf(readAll)).toBeOneOf([null, 'corrupt']);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('numbers', () => {
  it('survive at every length', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: Number.MAX_SAFE_INTEGER })),
        fc.integer({ min: -(2 ** 51), max: 2 ** 51 }),
        (numbers, signed) => {
          const out = new ByteWriter(1);
          for (const number of numbers) out.varint(number);
          out.signed(signed);
          const reader = new ByteReader(out.view());
          expect(numbers.map(() => reader.varint())).toEqual(numbers);
          expect(reader.signed()).toBe(signed);
          expect(reader.remaining).toBe(0);
        },
      ),
    );
  });
});
