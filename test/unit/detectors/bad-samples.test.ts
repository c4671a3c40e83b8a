import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLeakDetector, type LeakDetectorOptions } from '../../../src/detectors/index.ts';
import { forecast } from '../../../src/limits/forecast.ts';
import { type DetectorSample, type LeakFinding, RampartError } from '../../../src/model/index.ts';
import { createReplay } from '../../../src/service/gate/replay.ts';
import { readTrace } from '../../../src/sources/trace/index.ts';

const T0 = 1_700_000_000_000;
/** Any double, often a plausible one. */
const figure = fc.oneof(
  { weight: 5, arbitrary: fc.double({ min: 0, max: 1e12, noNaN: true }) },
  { weight: 1, arbitrary: fc.double() },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, -1, Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 53, Number.NaN, -1e300) },
);
const maybe = fc.option(figure);
/** Mostly forwards by half a minute or hours; sometimes not at all, back, or anywhere. */
const step = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 900_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: -3_600_000, max: 400 * 3_600_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, Number.NaN, Number.POSITIVE_INFINITY, 1e15) },
);
const sample = fc.record({
  step,
  rssBytes: figure,
  pssBytes: maybe,
  swapBytes: maybe,
  heapUsedBytes: maybe,
  externalBytes: maybe,
  gcFloorBytes: maybe,
  cpuRatio: maybe,
  requests: maybe,
  threads: maybe,
  openFiles: maybe,
  children: maybe,
  fileBytes: maybe,
});

function timed(steps: readonly { step: number }[]): DetectorSample[] {
  let tMs = T0;
  return steps.map(({ step: by, ...rest }) => {
    const at = tMs + by;
    if (Number.isFinite(at)) tMs = at;
    return { ...rest, tMs: at } as unknown as DetectorSample;
  });
}

/** Every number anywhere in it, with its path. */
function* numbers(value: unknown, path = ''): Generator<[string, number]> {
  if (typeof value === 'number') yield [path, value];
  else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value)) yield* numbers(inner, `${path}.${key}`);
}

/** An error for people: which file and line, and what to do. */
const isClear = (error: unknown): boolean =>
  error instanceof RampartError && error.code === 'corrupt' && error.message.startsWith('x.csv:') && error.hint !== '';

/** Throws what is wrong with it. */
function expectSound(finding: LeakFinding): void {
  expect(['clear', 'suspected', 'leaking', 'insufficient-data']).toContain(finding.verdict);
  for (const [path, value] of numbers(finding)) expect(Number.isFinite(value), `${path} is ${value}`).toBe(true);
  for (const { score } of [finding, ...finding.detectors]) {
    if (score === null) continue;
    expect(score).toBeGreaterThanOrEqual(0);
    expect(score).toBeLessThanOrEqual(1);
  }
  if (finding.growth !== null) forecast(finding.growth, finding.growth.levelBytes * 2 + 1);
}

describe('whatever samples come', () => {
  it.each([[{ profile: 'service' }], [{ profile: 'run' }]] as const)('there is a verdict (%o)', (options) => {
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 400 }), (steps) => {
        const detector = createLeakDetector(options as LeakDetectorOptions);
        for (const one of timed(steps)) {
          detector.push(one);
          expect(Number.isFinite(detector.logOdds())).toBe(true);
        }
        expectSound(detector.verdict());
        expect(detector.stateBytes).toBeLessThanOrEqual(8192);
      }),
      { numRuns: 60 },
    );
  });

  it('growth by absurd sizes is a verdict as well', () => {
    for (const scale of [1e-300, 1e-9, 1, 1e30, 1e150, 1e300]) {
      const detector = createLeakDetector();
      for (let i = 0; i < 2000; i++) {
        detector.push({ tMs: T0 + i * 60_000, rssBytes: scale * (1 + i / 100), cpuRatio: (i % 7) * 1e200 });
      }
      expect(() => expectSound(detector.verdict())).not.toThrow();
    }
  });
});

describe('whatever a recording holds', () => {
  const cell = fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 2 ** 40 }).map(String) },
    { weight: 1, arbitrary: figure.map(String) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('', 'NaN', '-', '"5"', ' 7 ', '1e999', '0x10', 'null', '5;6', '\u0000', 'é'),
    },
    { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
  );
  const text = fc
    .tuple(
      fc.constantFrom(
        't_ms,rss_bytes,cpu_ratio',
        'rss_bytes;t_ms',
        '"tMs"\trssBytes\tthreads',
        'a,b',
        '',
        '{"t_ms":1}',
      ),
      fc.array(fc.array(cell, { maxLength: 4 }), { maxLength: 60 }),
      fc.constantFrom(',', ';', '\t'),
      fc.constantFrom('\n', '\r\n', '\n\n', '\r'),
    )
    .map(([names, rows, by, end]) => [names, ...rows.map((row) => row.join(by))].join(end));
  const bytes = fc.oneof(
    text.map((t) => Buffer.from(t)),
    fc.uint8Array({ maxLength: 400 }),
  );

  it('is a verdict or an error with a hint', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, fc.integer({ min: 1, max: 64 }), async (content, chunk) => {
        async function* chunks(): AsyncGenerator<Uint8Array> {
          for (let i = 0; i < content.length; i += chunk) yield content.subarray(i, i + chunk);
        }
        const replay = createReplay('auto', { nowMs: () => 0, monotonicMs: () => 0 });
        const failed = await readTrace(chunks(), 'x.csv', (samples) => replay.push(samples)).then(
          () => null,
          (error: unknown) => error,
        );
        if (failed === null) expectSound(replay.result(null).finding);
        else if (!isClear(failed)) throw failed;
      }),
      { numRuns: 200 },
    );
  });
});
