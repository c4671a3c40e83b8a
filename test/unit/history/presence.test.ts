import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Presence } from '../../../src/history/presence.ts';

const subject = fc.oneof(
  fc.tuple(fc.nat(), fc.nat()).map(([pid, start]) => `${pid}:${start}`),
  fc.string(),
);

describe('what a file may hold', () => {
  it('is never denied to a subject that is in it', () => {
    fc.assert(
      fc.property(fc.array(subject, { maxLength: 200 }), (subjects) => {
        const presence = new Presence(1_000_000);
        presence.learn('a', subjects);
        for (const one of subjects) expect(presence.mayHold('a', one)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('is denied to nearly all others', () => {
    const presence = new Presence(1_000_000);
    presence.learn(
      'a',
      Array.from({ length: 1000 }, (_, index) => `${index}:1`),
    );
    const wrong = Array.from({ length: 10_000 }, (_, index) => `${index}:2`).filter((one) =>
      presence.mayHold('a', one),
    );
    expect(wrong.length).toBeLessThan(500);
  });

  it('is unknown, so possible, for a file that was never read or was forgotten for want of room', () => {
    const presence = new Presence(150);
    expect(presence.mayHold('a', '1:1')).toBe(true);
    for (const file of ['a', 'b', 'c'])
      presence.learn(
        file,
        Array.from({ length: 60 }, (_, index) => `${index}:1`),
      );
    expect(presence.bytes).toBeLessThanOrEqual(150);
    expect(presence.mayHold('a', 'not in it')).toBe(true);
    expect(presence.mayHold('c', 'not in it')).toBe(false);
  });
});
