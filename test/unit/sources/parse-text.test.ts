import { endianness } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePressure } from '../../../src/sources/linux/host.ts';
import { kilobytesAfter, numberAfter, parseLastPid, parseRollup } from '../../../src/sources/linux/parse-text.ts';
import { parseAuxv, readKernelUnits } from '../../../src/sources/linux/units.ts';
import { rollup } from '../../support/processes/fake-proc.ts';

describe('keyed files', () => {
  const meminfo = 'MemTotal:       24684096 kB\nMemFree:        24330368 kB\nMemAvailable:   24304816 kB\n';

  it('reads a number by its label', () => {
    expect(kilobytesAfter(meminfo, 'MemTotal:')).toBe(24684096 * 1024);
    expect(kilobytesAfter(meminfo, 'MemAvailable:')).toBe(24304816 * 1024);
    expect(numberAfter('total_inactive_file 5\ninactive_file 7\n', 'inactive_file ')).toBe(7);
  });

  it('is null for what is missing, torn, or only the end of another label', () => {
    expect(numberAfter(meminfo, 'SwapTotal:')).toBeNull();
    expect(numberAfter('MemTotal: 246', 'MemTotal:')).toBeNull();
    expect(numberAfter('total_inactive_file 5\n', 'inactive_file ')).toBeNull();
    expect(numberAfter('', 'x')).toBeNull();
    expect(numberAfter('x \n', 'x')).toBeNull();
  });

  it('reads the last pid', () => {
    expect(parseLastPid('0.25 0.08 0.05 1/94 7421\n')).toBe(7421);
    for (const text of ['', '0.25 0.08', '0.25 0.08 0.05 1/94 74', '0.25 0.08 0.05 1/94 x\n'])
      expect(parseLastPid(text)).toBeNull();
  });
});

describe('smaps_rollup', () => {
  it('reads PSS, USS and the fair share of swap', () => {
    expect(parseRollup(rollup(1000))).toEqual({
      rssBytes: 1000 * 1024,
      pssBytes: 500 * 1024,
      ussBytes: 30 * 1024,
      swapBytes: 4 * 1024,
    });
  });

  it('takes Swap where the kernel has no SwapPss, and sums the mappings of smaps', () => {
    const old = rollup(100).replace(/SwapPss.*\n/, '');
    expect(parseRollup(old)?.swapBytes).toBe(8 * 1024);
    expect(parseRollup(old + old)).toMatchObject({ rssBytes: 200 * 1024, swapBytes: 16 * 1024 });
  });

  it('is null when a part is missing', () => {
    expect(parseRollup('')).toBeNull();
    expect(parseRollup('Rss: 10 kB\n')).toBeNull();
    const text = rollup(100);
    for (let length = 0; length < text.indexOf('Private_Clean'); length += 7)
      expect(parseRollup(text.slice(0, length))).toBeNull();
  });
});

describe('pressure', () => {
  const some = 'some avg10=1.25 avg60=0.00 avg300=0.00 total=123456789\n';
  it('reads both lines', () => {
    expect(parsePressure(`${some}full avg10=0.50 avg60=0.00 avg300=0.00 total=42\n`)).toEqual({
      someAvg10Percent: 1.25,
      fullAvg10Percent: 0.5,
      someTotalUs: 123456789,
      fullTotalUs: 42,
    });
  });
  it('is null without one of them', () => {
    expect(parsePressure(some)).toBeNull();
    expect(parsePressure('')).toBeNull();
  });
});

describe('kernel units', () => {
  const vector = (pairs: readonly (readonly [number, number])[]): Uint8Array => {
    const bytes = new DataView(new ArrayBuffer(pairs.length * 16));
    pairs.forEach(([key, value], index) => {
      bytes.setBigUint64(index * 16, BigInt(key), true);
      bytes.setBigUint64(index * 16 + 8, BigInt(value), true);
    });
    return new Uint8Array(bytes.buffer);
  };

  it('reads page size and tick from the auxiliary vector', () => {
    expect(
      parseAuxv(
        vector([
          [33, 1],
          [6, 65536],
          [17, 250],
          [0, 0],
        ]),
        8,
        'LE',
      ),
    ).toEqual({
      pageBytes: 65536,
      tickMs: 4,
      origin: 'auxv',
    });
  });

  it('stops at the end mark and refuses what is not plausible', () => {
    expect(
      parseAuxv(
        vector([
          [0, 0],
          [6, 4096],
          [17, 100],
        ]),
        8,
        'LE',
      ),
    ).toBeNull();
    expect(
      parseAuxv(
        vector([
          [6, 0],
          [17, 100],
          [0, 0],
        ]),
        8,
        'LE',
      ),
    ).toBeNull();
    expect(parseAuxv(new Uint8Array(7), 8, 'LE')).toBeNull();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const units = parseAuxv(bytes, 8, endianness());
        expect(units?.pageBytes ?? 1024).toBeGreaterThanOrEqual(1024);
      }),
    );
  });

  it('says when it had to assume', () => {
    expect(readKernelUnits('/nowhere/auxv').origin).toBe('assumed');
  });
});
