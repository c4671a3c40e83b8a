import { describe, expect, it } from 'vitest';
import { createFloorBook } from '../../../../src/service/gate/floors.ts';
import { createWatchSeries } from '../../../../src/service/gate/series.ts';
import { judge, type WatchVerdict } from '../../../../src/service/gate/verdict.ts';

const MB = 1e6;
const END_MS = 60_000;

interface Run {
  /** MB by seconds. */
  readonly heap?: (s: number) => number;
  readonly external?: (s: number) => number;
  readonly native?: (s: number) => number;
  readonly rest?: (s: number) => number;
  readonly batch?: (s: number) => number;
  readonly swap?: (s: number) => number;
  /** Seconds of CPU used until then. */
  readonly work?: (s: number) => number;
  readonly children?: (s: number) => number;
  readonly files?: (s: number) => number;
  readonly forced?: boolean;
  readonly tool?: boolean;
  readonly endedByItself?: boolean;
}

/** A run of a minute without noise. */
function verdictOf({
  heap,
  external,
  native,
  rest,
  batch,
  swap,
  work,
  children,
  files,
  forced = true,
  tool = false,
  endedByItself = true,
}: Run): WatchVerdict {
  const book = createFloorBook();
  for (let s = 2; s < 60 && heap !== undefined; s += 2) {
    const heapUsedBytes = heap(s) * MB;
    const externalBytes = (external?.(s) ?? 1) * MB;
    const heapTotalBytes = heapUsedBytes + 5 * MB;
    const rssBytes = heapTotalBytes + externalBytes + (native?.(s) ?? 40) * MB;
    const sizes = { heapUsedBytes, externalBytes, arrayBuffersBytes: 0, heapTotalBytes, rssBytes };
    const report = { pid: 7, threadId: 0, tool, tMs: s * 1000, forced, pauseMs: 5, heapBeforeBytes: null, ...sizes };
    book.note(report, s * 1000);
  }
  const series = (shape: ((s: number) => number) | undefined, unit: number) => {
    const made = createWatchSeries(1000);
    for (let s = 0; s < 60 && shape !== undefined; s += 0.5) made.push(s * 1000, shape(s) * unit);
    return made;
  };
  return judge({
    endMs: END_MS,
    endedByItself,
    isolates: book.isolates,
    rest: series(rest, MB),
    children: series(children ?? (() => 0), 1),
    threads: series(() => 11, 1),
    openFiles: series(files ?? (() => 20), 1),
    batch: series(batch, MB),
    parts: swap === undefined ? {} : { 'swap-hidden': series(swap, MB) },
    files: { points: [] },
    work: series(work, 1000),
    startMs: 0,
  });
}

describe('the verdict on a run', () => {
  it.each<[string, Run, string]>([
    ['the heap', { heap: (s) => 6 + s }, 'v8-heap'],
    ['the heap by 50 KB/s', { heap: (s) => 6 + 0.05 * s }, 'v8-heap'],
    ['the heap by 20 KB/s while code warms up', { heap: (s) => 6 + 0.02 * s + 0.3 * Math.log(s) }, 'v8-heap'],
    ['80 KB/s on a large heap', { heap: (s) => 120 + 0.08 * s }, 'v8-heap'],
    ['Buffers', { heap: (s) => 6 + 0.01 * s, external: (s) => 1 + s }, 'external'],
    [
      'WebAssembly, whose memory comes in ever larger steps and is touched evenly',
      {
        heap: () => 6,
        external: (s) => 24 * 1.2 ** Math.floor(Math.log((24 + 0.5 * s) / 24) / Math.log(1.2) + 1),
        native: (s) => 70 + 0.5 * s - 24 * 1.2 ** Math.floor(Math.log((24 + 0.5 * s) / 24) / Math.log(1.2) + 1),
      },
      'external',
    ],
    ['memory outside V8', { heap: () => 6, native: (s) => 40 + s }, 'native'],
    ['a large heap by 300 KB/s, evenly', { heap: (s) => 120 + 0.3 * s }, 'v8-heap'],
    ['memory that is swapped out as it grows', { rest: (s) => 20 + 0.5 * s, swap: (s) => 0.4 * s }, 'swap-hidden'],
    ['a program that is not Node', { rest: (s) => 20 + 0.5 * s }, 'unknown'],
    ['child processes', { heap: () => 6, children: (s) => Math.floor(s / 2) }, 'children'],
    ['descriptors', { heap: () => 6, files: (s) => 20 + 2 * s }, 'descriptors'],
    [
      'child processes, which also cost descriptors',
      { heap: () => 6, children: (s) => Math.floor(s / 2), files: (s) => 20 + 3 * s },
      'children',
    ],
    ['its own collections alone', { heap: (s) => 6 + s, forced: false }, 'v8-heap'],
  ])('is a leak: %s', (_, run, kind) => {
    const { verdict, score, reason, ...rest } = verdictOf(run);
    expect({ verdict, kind: rest.kind }).toEqual({ verdict: 'leaking', kind });
    expect(score).toBeGreaterThanOrEqual(0.5);
    expect(reason).toMatch(/^Leak: /);
  });

  it.each<[string, Run]>([
    ['all is flat', { heap: () => 6 }],
    ['a test runner keeps its results, faster and slower', { heap: (s) => 16 + 0.03 * s + 0.9 * Math.sin(s / 9) }],
    ['code warms up for the whole run', { heap: (s) => 12 + 0.6 * Math.log(s) }],
    ['a large heap breathes', { heap: (s) => 120 + 0.02 * s + Math.sin(s / 3) }],
    ['5 KB a second', { heap: (s) => 8 + 0.005 * s }],
    ['a cache is full after 30 s', { heap: (s) => 6 + Math.min(30, s) }],
    ['RSS creeps while the live set is flat', { heap: () => 6, native: (s) => 45 + 0.25 * s }],
    ['a pool of children is full', { heap: () => 6, children: (s) => Math.min(8, s) }],
    ['another program warms up', { rest: (s) => 20 + 30 * (1 - Math.exp(-s / 5)) }],
  ])('is none: %s', (_, run) => {
    const { verdict, kind, ratePerHourBytes } = verdictOf(run);
    expect({ verdict, kind, ratePerHourBytes }).toEqual({ verdict: 'clear', kind: null, ratePerHourBytes: null });
  });

  it('says what the floors say of the heap', () => {
    expect(verdictOf({ heap: (s) => 6 + s }).confirmation).toBe('confirmed');
    expect(verdictOf({ heap: () => 6 }).confirmation).toBe('cleared');
    expect(verdictOf({ rest: () => 6 }).confirmation).toBeNull();
  });

  it('holds a leak against the work that was done, where a busy machine lets it stand still at times', () => {
    // From second 44 on it gets a quarter of a core instead of a whole one.
    const work = (s: number): number => Math.min(s, 44) + 0.25 * Math.max(0, s - 44);
    expect(verdictOf({ heap: (s) => 6 + 0.2 * work(s) })).toMatchObject({ verdict: 'clear' });
    expect(verdictOf({ heap: (s) => 6 + 0.2 * work(s), work })).toMatchObject({ verdict: 'leaking' });
  });

  it('does not take what is loaded once and then idles for a leak, however even its work is', () => {
    const work = (s: number): number => Math.min(s, 40) + 0.01 * s;
    expect(verdictOf({ heap: (s) => 6 + Math.min(s, 40), work })).toMatchObject({ verdict: 'clear' });
  });

  it('only suspects what computes in one go', () => {
    const { verdict, kind, score, reason } = verdictOf({ batch: (s) => 200 + 20 * s });
    expect({ verdict, kind }).toEqual({ verdict: 'suspected', kind: 'unknown' });
    expect(score).toBeLessThan(0.5);
    expect(reason).toContain('computes in one go');
  });

  it('only suspects a tool that worked through its input once, and says what would tell', () => {
    const { verdict, kind, score, reason, confirmation } = verdictOf({ heap: (s) => 30 + 0.8 * s, tool: true });
    expect({ verdict, kind, confirmation }).toEqual({ verdict: 'suspected', kind: 'v8-heap', confirmation: null });
    expect(score).toBeLessThan(0.5);
    expect(reason).toContain('a loop of your own');
    // In watch mode it goes on until somebody stops it.
    expect(verdictOf({ heap: (s) => 30 + 0.8 * s, tool: true, endedByItself: false }).verdict).toBe('leaking');
  });

  it('only suspects the descriptors of a tool that ends by itself: it may open all outputs before it writes one', () => {
    const opens: Run = { heap: () => 6, files: (s) => 20 + 2 * s };
    expect(verdictOf({ ...opens, tool: true })).toMatchObject({ verdict: 'suspected', kind: 'descriptors' });
    expect(verdictOf({ ...opens, tool: true, endedByItself: false }).verdict).toBe('leaking');
  });

  it('knows nothing from nothing', () => {
    expect(verdictOf({})).toMatchObject({ verdict: 'insufficient-data', score: 0, kind: null, decisive: null });
  });

  it('has the rate of the leak', () => {
    const { ratePerHourBytes, rateInterval } = verdictOf({ heap: (s) => 6 + s });
    expect((ratePerHourBytes ?? 0) / 3600 / MB).toBeCloseTo(1, 5);
    expect(rateInterval?.lowBytesPerHour).toBeLessThanOrEqual(ratePerHourBytes ?? 0);
  });
});
