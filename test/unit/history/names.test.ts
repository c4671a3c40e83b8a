import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BlockWriter, makeAxis, Samples } from '../../../src/series/index.ts';
import { concatBytes, encodeHeader } from '../../../src/history/frames.ts';
import { encodeRecord, readSegment } from '../../../src/history/segment.ts';

const name = fc.oneof(
  fc.tuple(fc.nat({ max: 4_194_304 }), fc.nat({ max: 999_999_999_999_999 })).map(([pid, start]) => `${pid}:${start}`),
  fc.constantFrom('host', 'rampart', '007:1', '1:01', '1:2:3', '99999999999:1', ':', 'session:0-ü-日本'),
  fc.string({ unit: 'grapheme' }),
);

it('names of any kind come back as they were', () => {
  const samples = new Samples();
  samples.push(1, 1);
  const writer = new BlockWriter(makeAxis([]));
  writer.add(0, samples);
  const block = writer.finish();
  if (block === null) throw new Error('a block with a sample is never null');
  fc.assert(
    fc.property(fc.array(name, { maxLength: 50 }), (names) => {
      const record = encodeRecord({ frame: 3, ownNames: false, firstName: 0, names, block });
      const segment = readSegment(concatBytes([encodeHeader('log'), record]));
      expect(segment.corrupt + segment.tornBytes).toBe(0);
      expect(segment.names).toEqual(names);
      expect(segment.blocks[0]?.frame).toBe(3);
    }),
    { numRuns: 500 },
  );
});
