import { type LastingPace, lastingPace } from './lasting.ts';

/** A figure at a time, e.g. the live set right after a full collection. */
export interface Point {
  readonly tMs: number;
  readonly value: number;
}

/**
 * What a rise must reach to be called growth: everything below is noise or everyday life of that figure. Of several, one
 * that is met is enough: the straighter a figure grows, the less growth is no everyday life any more.
 */
export interface RiseFloor {
  readonly minRise: number;
  /** Of the level at the start of the window. */
  readonly minShare: number;
  /** Least pace of each third; default `MIN_PACE`. */
  readonly minPace?: number;
  /** Least lasting pace, per second; default: none is asked for. */
  readonly minLastingPerSecond?: number;
}

export interface Trend {
  /** steady: grows through the whole window · unclear: grows, but not surely or not throughout · flat · unknown: too few points. */
  readonly verdict: 'steady' | 'unclear' | 'flat' | 'unknown';
  readonly points: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** Medians of the first and the last quarter of the points after warm-up. */
  readonly first: number;
  readonly last: number;
  /** Sen slope over the window. */
  readonly rise: number;
  readonly ratePerHour: number;
  /** 80 % interval of the Sen slope by Mann-Kendall's variance; points that depend on each other make it too narrow. */
  readonly lowPerHour: number;
  readonly highPerHour: number;
  /** Mann-Kendall's z: one-sided normal deviate of the ranks' order. */
  readonly z: number;
  /** Least pace of the three thirds as a share of the whole window's pace. 1: a straight line; 0 and less: one third stood still. */
  readonly weakest: number;
  /** The same over the last two thirds alone. */
  readonly lately: number;
  /** The least pace at which it grows for good, when what fades is taken out; null: too few points. */
  readonly lastingPerHour: number | null;
  /** 0 … 1; from 0.5 on: steady. */
  readonly score: number;
}

/** Loading, first use and JIT: this share of the run is not looked at, and never less than 4 s. */
const WARM_UP_SHARE = 0.2;
const MIN_WARM_UP_MS = 4_000;
/** Fewer ranks cannot reach the level of the test: 7 in perfect order have p = .0002 exactly, 5 only .008. */
const MIN_POINTS = 7;
/** From so few on, growth from each point to the next and of full size is worth a suspicion. */
const LEAST_POINTS = 3;
/** One-sided p < .001: one healthy run in a thousand by order alone; pace and size must also be met. */
export const STEADY_Z = 3.09;
/** p < .01 */
const UNCLEAR_Z = 2.33;
/**
 * What tells a leak from a cache that fills or a step: its weakest third still grows. A ramp that ends before three
 * quarters of the window has passed keeps at most 0.16 of its pace in the last third (least squares: 3a² − 2a³, a = ¼);
 * a straight line keeps 1 ± its noise.
 */
const MIN_PACE = 0.35;
/**
 * By the clock each third must at least move for the work to count: what is loaded once and then idles grows evenly with the
 * CPU time that it took, too. Above the 0.16 of a ramp that has ended.
 */
const MOVING_PACE = 0.2;
/** Growth of this share of what would be enough is worth a second, longer run. */
const UNCLEAR_SHARE = 2 / 3;
/** Of so many points each; enough for the ranks, and the slopes of all pairs stay few. */
const MAX_POINTS = 180;

/**
 * Whether a figure grew through the whole run. `startMs` and `endMs` are those of the run, `work` the CPU time used until
 * then, ms; empty where it is not known.
 */
export function steadyGrowth(
  points: readonly Point[],
  startMs: number,
  endMs: number,
  floors: readonly RiseFloor[],
  work: readonly Point[] = [],
): Trend {
  const warmMs = startMs + Math.max(MIN_WARM_UP_MS, WARM_UP_SHARE * (endMs - startMs));
  const window = thinned(points.filter(({ tMs }) => tMs >= warmMs));
  const from = window[0];
  const to = window.at(-1);
  if (from === undefined || to === undefined || window.length < LEAST_POINTS) return unknown(window, startMs, endMs);
  const spanMs = to.tMs - from.tMs;
  const slopes = pairSlopes(window);
  const slope = quantile(slopes, 0.5);
  const rise = slope * spanMs;
  const { z, halfWidth } = ranks(window);
  const quarter = Math.max(1, window.length >> 2);
  const first = median(window.slice(0, quarter));
  const last = median(window.slice(-quarter));
  const byTime = pacesOf(window);
  // A leak of each piece of work is even in that: a machine that is busy with other things lets it stand still at times.
  const byWork = Math.min(...byTime) >= MOVING_PACE ? pacesOf(alongWork(window, work)) : byTime;
  const weakest = Math.max(Math.min(...byTime), Math.min(...byWork));
  const lately = Math.max(Math.min(...byTime.slice(1)), Math.min(...byWork.slice(1)));
  const lasting = lastingPace(window, startMs);
  const strength = Math.max(...floors.map((floor) => strengthOf(floor, { first, rise, z, pace: weakest, lasting })));
  if (window.length < MIN_POINTS) {
    const climbs = window.every(({ value }, i) => i === 0 || value > (window[i - 1]?.value ?? value));
    const figures = {
      ...unknown(window, startMs, endMs),
      fromMs: from.tMs,
      toMs: to.tMs,
      first,
      last,
      rise,
      z,
      weakest,
    };
    return {
      ...figures,
      ratePerHour: slope * 3_600_000,
      verdict: climbs && floors.some((floor) => rise >= leastRise(floor, first)) ? 'unclear' : 'unknown',
    };
  }
  const steady = strength >= 0.5;
  // Growth that began late counts here.
  const unclear =
    z >= UNCLEAR_Z &&
    floors.some(
      (floor) =>
        rise >= UNCLEAR_SHARE * leastRise(floor, first) &&
        lately >= (floor.minPace ?? MIN_PACE) &&
        lastingShare(floor, lasting?.pace) >= 1,
    );
  return {
    verdict: steady ? 'steady' : unclear ? 'unclear' : 'flat',
    points: window.length,
    fromMs: from.tMs,
    toMs: to.tMs,
    first,
    last,
    rise,
    ratePerHour: slope * 3_600_000,
    lowPerHour: quantile(slopes, 0.5 - halfWidth) * 3_600_000,
    highPerHour: quantile(slopes, 0.5 + halfWidth) * 3_600_000,
    z,
    weakest,
    lately,
    lastingPerHour: lasting === null ? null : lasting.least * 3_600_000,
    score: strength,
  };
}

function leastRise({ minRise, minShare }: RiseFloor, first: number): number {
  return Math.max(minRise, minShare * first);
}

/** 0 … 1, from 0.5 on met: how far the weakest of order, size and pace is beyond what it must be. */
function strengthOf(
  floor: RiseFloor,
  {
    first,
    rise,
    z,
    pace: kept,
    lasting,
  }: { first: number; rise: number; z: number; pace: number; lasting: LastingPace | null },
): number {
  // A pace of 1 is a straight line, whatever is asked: half-way between the threshold and 1 is 0.75.
  const minPace = floor.minPace ?? MIN_PACE;
  const straight = kept < minPace ? kept / (2 * minPace) : 0.5 + (0.5 * (kept - minPace)) / (1 - minPace);
  const far = [z / STEADY_Z, rise / leastRise(floor, first), lastingShare(floor, lasting?.least)].map(
    (share) => share / 2,
  );
  return Math.max(0, Math.min(1, straight, ...far));
}

/** Lasting pace, per ms, as a share of what is asked. */
function lastingShare({ minLastingPerSecond }: RiseFloor, lasting: number | undefined): number {
  return minLastingPerSecond === undefined ? Number.POSITIVE_INFINITY : (1000 * (lasting ?? 0)) / minLastingPerSecond;
}

function unknown(window: readonly Point[], startMs: number, endMs: number): Trend {
  const figures = { first: 0, last: 0, rise: 0, ratePerHour: 0, lowPerHour: 0, highPerHour: 0, z: 0, weakest: 0 };
  return {
    verdict: 'unknown',
    points: window.length,
    fromMs: startMs,
    toMs: endMs,
    ...figures,
    lately: 0,
    lastingPerHour: null,
    score: 0,
  };
}

/** Neighbours joined to their lower one until few enough are left. */
function thinned(points: readonly Point[]): readonly Point[] {
  let kept = points;
  while (kept.length > MAX_POINTS) kept = lowerOfPairs(kept);
  return kept;
}

/** Of each two neighbours the lower one: floors stay floors. */
export function lowerOfPairs(points: readonly Point[]): Point[] {
  const kept: Point[] = [];
  for (let i = 0; i < points.length; i += 2) {
    const [a, b] = [points[i], points[i + 1]];
    if (a !== undefined) kept.push(b !== undefined && b.value < a.value ? b : a);
  }
  return kept;
}

/** Theil and Sen: the slopes between all pairs, in order. */
function pairSlopes(points: readonly Point[]): number[] {
  const slopes: number[] = [];
  for (const [i, a] of points.entries()) {
    for (const b of points.slice(i + 1)) if (b.tMs > a.tMs) slopes.push((b.value - a.value) / (b.tMs - a.tMs));
  }
  return slopes.sort((a, b) => a - b);
}

/** Mann and Kendall, without correction for ties (floors of bytes hardly tie); half-width of the 80 % interval of Sen's slope as a share of the ordered slopes. */
function ranks(points: readonly Point[]): { z: number; halfWidth: number } {
  const n = points.length;
  let s = 0;
  for (const [i, a] of points.entries()) for (const b of points.slice(i + 1)) s += Math.sign(b.value - a.value);
  const deviation = Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  // Without continuity correction, so that the fewest points, in perfect order (p = .0002), reach the level: 3.15.
  const z = s / deviation;
  return { z, halfWidth: Math.min(0.5, (1.282 * deviation) / (n * (n - 1))) };
}

/** Pace of each third as a share of the whole. */
function pacesOf(points: readonly Point[]): number[] {
  const slope = quantile(pairSlopes(points), 0.5);
  return thirds(points).map((part) => (slope > 0 ? pace(part) / slope : 0));
}

/** The same figures over the CPU time used until then; where that is not known, over the clock. */
function alongWork(points: readonly Point[], work: readonly Point[]): readonly Point[] {
  const [first, last] = [work[0], work.at(-1)];
  if (first === undefined || last === undefined || last.value <= first.value) return points;
  let at = 0;
  const moved = points.map(({ tMs, value }) => {
    while (at + 1 < work.length - 1 && (work[at + 1]?.tMs ?? tMs) < tMs) at += 1;
    const [a, b] = [work[at] ?? first, work[at + 1] ?? last];
    const share = b.tMs > a.tMs ? Math.min(1, Math.max(0, (tMs - a.tMs) / (b.tMs - a.tMs))) : 0;
    return { tMs: a.value + share * (b.value - a.value), value };
  });
  return (moved.at(-1)?.tMs ?? 0) > (moved[0]?.tMs ?? 0) ? moved : points;
}

/** Three parts of equal time, each with the last point before it, so that steps between two parts count in one. */
function thirds(points: readonly Point[]): Point[][] {
  const n = points.length;
  return [0, 1, 2].map((k) => points.slice(Math.max(0, Math.floor((k * n) / 3) - 1), Math.floor(((k + 1) * n) / 3)));
}

/** The median of slopes is not misled by an outlier, least squares also sees growth in a few steps: the better of both. */
function pace(points: readonly Point[]): number {
  return Math.max(lineSlope(points), quantile(pairSlopes(points), 0.5));
}

/** Least squares. */
function lineSlope(points: readonly Point[]): number {
  const n = points.length;
  const meanT = points.reduce((sum, { tMs }) => sum + tMs / n, 0);
  const meanV = points.reduce((sum, { value }) => sum + value / n, 0);
  let tv = 0;
  let tt = 0;
  for (const { tMs, value } of points) {
    tv += (tMs - meanT) * (value - meanV);
    tt += (tMs - meanT) ** 2;
  }
  return tt > 0 ? tv / tt : 0;
}

function median(points: readonly Point[]): number {
  return quantile(
    points.map(({ value }) => value).sort((a, b) => a - b),
    0.5,
  );
}

function quantile(sorted: readonly number[], share: number): number {
  const at = Math.min(sorted.length - 1, Math.max(0, share * (sorted.length - 1)));
  const low = sorted[Math.floor(at)] ?? 0;
  const high = sorted[Math.ceil(at)] ?? low;
  return low + (high - low) * (at - Math.floor(at));
}
