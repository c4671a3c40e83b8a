import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyStat, nameBytes, parseStat, processState } from '../../../src/sources/linux/parse-stat.ts';
import { parseStatm } from '../../../src/sources/linux/parse-statm.ts';
import { statLine } from '../../support/processes/fake-proc.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const stat = (text: string) => {
  const into = emptyStat();
  const bytes = bytesOf(text);
  return parseStat(bytes, bytes.length, into) ? into : null;
};
const statm = (text: string) => {
  const into = { resident: -1, shared: -1 };
  const bytes = bytesOf(text);
  return parseStatm(bytes, bytes.length, into) ? into : null;
};

describe('statm', () => {
  it('reads resident and shared pages', () => {
    expect(statm('765 433 408 5 0 112 0\n')).toEqual({ resident: 433, shared: 408 });
    expect(statm('0 0 0 0 0 0 0\n')).toEqual({ resident: 0, shared: 0 });
  });

  it('refuses what is torn or not numbers', () => {
    for (const text of [
      '',
      '\n',
      '765',
      '765 ',
      '765 433',
      '765 433 ',
      '765 433 40',
      'a b c',
      '765  433 408 5\n',
      '-1 2 3 4\n',
    ]) {
      expect(statm(text)).toBeNull();
    }
  });

  it('reads any figures back, and never more than was there of a prefix', () => {
    const pages = fc.integer({ min: 0, max: 2 ** 40 });
    fc.assert(
      fc.property(pages, pages, pages, fc.nat(60), (size, resident, shared, cut) => {
        const text = `${size} ${resident} ${shared} 1 0 1 0\n`;
        expect(statm(text)).toEqual({ resident, shared });
        const torn = statm(text.slice(0, cut));
        expect(torn ?? { resident, shared }).toEqual({ resident, shared });
      }),
    );
  });
});

describe('stat', () => {
  const real =
    '7456 (cat) R 7450 7451 3509 34816 -1 4194304 101 0 0 0 12 5 0 0 20 0 3 0 102871 3133440 412 18446744073709551615 94490054971392 94490054991273 140730551654912 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 1 2 3 4 5 6 7 0\n';

  it('reads the fields by their numbers in proc(5)', () => {
    expect(stat(real)).toMatchObject({
      pid: 7456,
      ppid: 7450,
      processGroup: 7451,
      sessionLeader: 3509,
      tty: 34816,
      flags: 4194304,
      cpuTicks: 17,
      threads: 3,
      startTime: 102871,
      stackStart: 140730551654912,
    });
    expect(processState(stat(real)?.stateCode ?? 0)).toBe('running');
  });

  it.each([') R 1 (', 'a) R 1 (x\n', '))))', '((((', '', ') Z 1 1 1 1 1 1', 'x\n9 (y) S 1 1'])(
    'is not misled by the name %j',
    (comm) => {
      const line = statLine({ pid: 9, comm, ppid: 77, state: 'T', startTime: 4242, cpuTicks: 3 });
      expect(stat(line)).toMatchObject({ pid: 9, ppid: 77, startTime: 4242, cpuTicks: 3 });
      const bytes = bytesOf(line);
      expect(new TextDecoder().decode(nameBytes(bytes, bytes.length))).toBe(comm);
    },
  );

  it('takes any name and any figures', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 64 }), fc.nat(), fc.nat(), fc.nat(), (comm, pid, ppid, startTime) => {
        expect(stat(statLine({ pid, comm, ppid, startTime }))).toMatchObject({ pid, ppid, startTime });
      }),
    );
  });

  it('refuses a text torn before the start time, and reads nothing wrong of a longer one', () => {
    const whole = stat(real);
    for (let length = 0; length < real.length; length += 1) {
      const torn = stat(real.slice(0, length));
      if (torn === null) continue;
      expect(torn).toMatchObject({ startTime: 102871, ppid: 7450, cpuTicks: 17 });
      expect([0, whole?.stackStart]).toContain(torn.stackStart);
    }
    expect(stat(real.slice(0, real.indexOf('102871') + 6))).toBeNull();
    expect(stat(real.slice(0, real.indexOf('102871') + 7))).not.toBeNull();
  });

  it('tells a change of name by its hash', () => {
    expect(stat(statLine({ pid: 1, comm: 'node' }))?.nameHash).not.toBe(
      stat(statLine({ pid: 1, comm: 'MainThread' }))?.nameHash,
    );
  });

  it('never throws on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(parseStat(bytes, bytes.length, emptyStat())).toBeTypeOf('boolean');
        expect(parseStatm(bytes, bytes.length, { resident: 0, shared: 0 })).toBeTypeOf('boolean');
        expect(nameBytes(bytes, bytes.length).length).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});
