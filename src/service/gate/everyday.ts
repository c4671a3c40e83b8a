import type { RiseFloor } from './trend.ts';

// Of each figure, what a rise must reach to be no everyday life any more.

/**
 * Exact floors hold nothing but live objects and what is under way. Measured over 48 s after warm-up: healthy programs add
 * compiled code, pools and requests under way, 0.1 to 0.9 MB and up to 8 %, most of it ever more slowly; but what keeps a
 * little of each piece of work (a test runner its results, openai 7.6 some 50 bytes a request) adds up to 4 MB and 25 %.
 * Real leaks of 35 KB/s and more add 1.7 MB or more, and a quarter of a small program, at an even pace: their slowest third
 * kept 85 to 103 % of it.
 */
export const EXACT: readonly RiseFloor[] = [
  // At whatever pace: beyond all of that.
  { minRise: 2e6, minShare: 0.3 },
  // An even pace: half-way between what healthy programs add and a leak of 50 KB/s, and beyond what keeps its results.
  { minRise: 1.4e6, minShare: 0.25, minPace: 0.75 },
  // The share means little in a large heap: ten times what healthy programs add, evenly, is a leak of 200 KB/s.
  { minRise: 10e6, minShare: 0.08, minPace: 0.75 },
  // However little of the whole: a pace that lasts when all that fades is taken out, beyond the figure's own scatter. Fixed
  // twins keep at most 1 KB/s so, leaks of 23 KB/s and more 13 KB/s: 36 MB an hour are no everyday life of any program.
  { minRise: 0.4e6, minShare: 0, minPace: 0.5, minLastingPerSecond: 10e3 },
];
/** Floors of the program's own collections hold what was allocated until they were read: up to a young generation. */
export const NATURAL: readonly RiseFloor[] = [{ minRise: 3e6, minShare: 0.3 }];
/**
 * RSS outside the heap misleads: with a flat live set it rose by up to 13 MB and 30 % in healthy programs, by malloc's arenas
 * and fragments. Only what is twice that, and straight, is called a leak.
 */
export const RESIDUAL: readonly RiseFloor[] = [{ minRise: 24e6, minShare: 0.5, minPace: 0.6 }];
/** Resident memory outside the heap while external memory only becomes more: beyond what Buffers under way did, 12 MB once. */
export const OUTSIDE: readonly RiseFloor[] = [{ minRise: 15e6, minShare: 0.15, minPace: 0.6 }];
/** Of the process only its resident pages are known, which the allocator's warm-up moves as well: a straighter line. */
export const MEMORY: readonly RiseFloor[] = [{ minRise: 5e6, minShare: 0.1, minPace: 0.5 }];
/** Pools (4 of libuv, 4 of V8) and a dozen connections come at start; a leak at least goes on to half as much again. */
export const CHILDREN: readonly RiseFloor[] = [{ minRise: 6, minShare: 0.5 }];
export const THREADS: readonly RiseFloor[] = [{ minRise: 12, minShare: 0.5 }];
export const FILES: readonly RiseFloor[] = [{ minRise: 20, minShare: 0.5 }];
