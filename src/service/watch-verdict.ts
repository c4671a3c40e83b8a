import type { LeakFinding, LeakKind, LeakVerdict, RateInterval } from '../model/index.ts';
import type { Floors, Isolate } from './watch-floors.ts';
import { steadyGrowth, type Point, type RiseFloor, type Trend } from './watch-trend.ts';

/** Anything that holds points in the order of time. */
interface Points {
  readonly points: readonly Point[];
}

/** One figure of the run and how it went. */
export interface WatchTrend {
  /** One plain phrase: 'live set of process 4242'. */
  readonly of: string;
  readonly kind: LeakKind;
  readonly unit: 'bytes' | 'count';
  readonly pid: number | null;
  readonly threadId: number | null;
  readonly trend: Trend;
  readonly series: Points;
}

export interface WatchVerdict {
  readonly verdict: LeakVerdict;
  /** 0 … 1, from 0.5 on leaking. Not a probability: how far the weakest of order, size and pace is beyond its threshold. */
  readonly score: number;
  readonly kind: LeakKind | null;
  readonly kindReason: string | null;
  /** What the floors after full collections say of the heap; null: there were none, or too few. */
  readonly confirmation: LeakFinding['confirmation'];
  readonly ratePerHourBytes: number | null;
  readonly rateInterval: RateInterval | null;
  readonly reason: string;
  /** The figure that decided: the one that grows most surely, or else the largest that was judged. */
  readonly decisive: WatchTrend | null;
  readonly trends: readonly WatchTrend[];
}

/** Series of the whole run that judge() looks at, in ms since its start. */
export interface WatchFigures {
  readonly endMs: number;
  readonly isolates: readonly Isolate[];
  /** Memory of the processes whose V8 heap is not known. */
  readonly rest: Points;
  readonly children: Points;
  readonly threads: Points;
  readonly openFiles: Points;
  /** What the detectors say of the tree's memory outside known V8 heaps. */
  readonly finding: LeakFinding;
}

/**
 * Exact floors hold nothing but live objects. Yet healthy programs add some: up to 0.9 MB of compiled code, pools and requests
 * under way in the 48 s after warm-up, and one (openai 7.6, some 50 bytes a request) up to 2.7 MB or 19 %, steadily. A leak of
 * 50 KB/s adds 2.3 MB, which is 28 % of a small program.
 */
const EXACT: RiseFloor = { minRise: 2e6, minShare: 0.25 };
/** Floors of the program's own collections hold what was allocated until they were read: up to a young generation. */
const NATURAL: RiseFloor = { minRise: 3e6, minShare: 0.3 };
/**
 * RSS outside the heap misleads: with a flat live set it rose by up to 13 MB and 30 % in healthy programs, by malloc's arenas
 * and fragments. Only what is twice that, and straight, is called a leak.
 */
const RESIDUAL: RiseFloor = { minRise: 24e6, minShare: 0.5, minPace: 0.6 };
/** As the detector's fast lane, whose line must also be straighter: of the process only its resident pages are known. */
const MEMORY: RiseFloor = { minRise: 5e6, minShare: 0.1, minPace: 0.5 };
/** Pools (4 of libuv, 4 of V8) and a dozen connections come at start; a leak at least goes on to half as much again. */
const CHILDREN: RiseFloor = { minRise: 6, minShare: 0.5 };
const THREADS: RiseFloor = { minRise: 12, minShare: 0.5 };
const FILES: RiseFloor = { minRise: 20, minShare: 0.5 };

/** Verdict over a whole run under steady load. */
export function judge(figures: WatchFigures): WatchVerdict {
  const { isolates, rest, children, threads, openFiles, endMs, finding } = figures;
  const alone = (pid: number): boolean => isolates.filter((isolate) => isolate.pid === pid).length === 1;
  const trendOf = (
    of: string,
    kind: LeakKind,
    series: Points,
    floor: RiseFloor,
    owner: Isolate | null = null,
  ): WatchTrend => ({
    of,
    kind,
    unit: kind === 'children' || kind === 'threads' || kind === 'descriptors' ? 'count' : 'bytes',
    pid: owner?.pid ?? null,
    threadId: owner?.threadId ?? null,
    trend: steadyGrowth(series.points, 0, endMs, floor),
    series,
  });
  const heaps = isolates.map((isolate): WatchTrend => {
    const exact = trendOf(`live set of ${nameOf(isolate)}`, 'v8-heap', isolate.forced.live, EXACT, isolate);
    if (exact.trend.verdict !== 'unknown') return { ...exact, kind: kindOfLive(isolate.forced, endMs) };
    // Too few exact ones (a busy machine, a huge heap, --no-force-gc): with those of its own collections.
    const all = { points: merged(isolate.forced.live.points, isolate.natural.live.points) };
    const natural = trendOf(exact.of, 'v8-heap', all, NATURAL, isolate);
    const { forced, natural: own } = isolate;
    return { ...natural, kind: kindOfLive(own.live.points.length > forced.live.points.length ? own : forced, endMs) };
  });
  const residuals = isolates
    .filter(({ pid }) => alone(pid))
    .map((isolate) =>
      trendOf(`native memory of ${nameOf(isolate)}`, 'native', isolate.forced.residual, RESIDUAL, isolate),
    );
  const trends = [
    ...heaps,
    ...residuals,
    trendOf('memory outside known V8 heaps', finding.kind ?? 'unknown', rest, MEMORY),
    trendOf('child processes', 'children', children, CHILDREN),
    trendOf('threads', 'threads', threads, THREADS),
    trendOf('open descriptors', 'descriptors', openFiles, FILES),
  ];
  const best = trends.reduce((a, b) => (rank(b) > rank(a) ? b : a));
  const known = trends.some(({ trend, unit }) => unit === 'bytes' && trend.verdict !== 'unknown');
  const verdict: LeakVerdict =
    best.trend.verdict === 'steady'
      ? 'leaking'
      : best.trend.verdict === 'unclear'
        ? 'suspected'
        : known
          ? 'clear'
          : 'insufficient-data';
  const grows = verdict === 'leaking' || verdict === 'suspected';
  const decisive = grows ? best : largest(heaps.length > 0 ? heaps : trends);
  const judged = heaps.filter(({ trend }) => trend.verdict !== 'unknown');
  return {
    verdict,
    score: best.trend.score,
    kind: grows ? best.kind : null,
    kindReason: grows ? `${best.of}: ${phrase(best)}` : null,
    confirmation: judged.some(({ trend }) => trend.verdict === 'steady')
      ? 'confirmed'
      : judged.length > 0 && judged.every(({ trend }) => trend.verdict === 'flat')
        ? 'cleared'
        : null,
    ratePerHourBytes: grows && best.unit === 'bytes' ? best.trend.ratePerHour : null,
    rateInterval:
      grows && best.unit === 'bytes'
        ? { lowBytesPerHour: best.trend.lowPerHour, highBytesPerHour: best.trend.highPerHour, confidence: 0.8 }
        : null,
    reason: sentence(verdict, decisive),
    decisive,
    trends,
  };
}

function merged(a: readonly Point[], b: readonly Point[]): Point[] {
  return [...a, ...b].sort((x, y) => x.tMs - y.tMs);
}

const ORDER = { unknown: 0, flat: 1, unclear: 2, steady: 3 } as const;

/** A process brings memory, threads and descriptors with it, a thread memory and descriptors: what explains the others is named. */
const CAUSE: Partial<Record<LeakKind, number>> = { children: 0.4, threads: 0.3 };

function rank({ trend, kind }: WatchTrend): number {
  const order = ORDER[trend.verdict];
  return order + (trend.score + (order >= ORDER.unclear ? (CAUSE[kind] ?? 0) : 0)) / 2;
}

function largest(trends: readonly WatchTrend[]): WatchTrend | null {
  const known = trends.filter(({ trend, unit }) => trend.verdict !== 'unknown' && unit === 'bytes');
  return known.reduce<WatchTrend | null>((a, b) => (a === null || b.trend.last > a.trend.last ? b : a), null);
}

function nameOf({ pid, threadId }: Isolate): string {
  return threadId === 0 ? `process ${pid}` : `worker ${threadId} of process ${pid}`;
}

/** Buffers are external memory with a small object each in the heap: the larger part names the leak. */
function kindOfLive(floors: Floors, endMs: number): LeakKind {
  const rise = (series: Points): number => steadyGrowth(series.points, 0, endMs, EXACT).rise;
  return rise(floors.external) > rise(floors.heap) ? 'external' : 'v8-heap';
}

function phrase({ trend, unit }: WatchTrend): string {
  const show = (value: number): string => (unit === 'bytes' ? `${(value / 1048576).toFixed(1)} MiB` : value.toFixed(0));
  const seconds = Math.round((trend.toMs - trend.fromMs) / 1000);
  const ratio = trend.first > 0 ? ` (${(trend.last / trend.first).toFixed(2)} ×)` : '';
  return `${show(trend.first)} → ${show(trend.last)}${ratio} in ${seconds} s over ${trend.points} looks`;
}

function sentence(verdict: LeakVerdict, decisive: WatchTrend | null): string {
  if (verdict === 'insufficient-data' || decisive === null)
    return 'Too little was seen for a verdict: half a minute or more under steady load gives one, with forced collections where Node programs take part.';
  const what = `${decisive.of} went ${phrase(decisive)}`;
  const pace = `its slowest third kept ${Math.round(100 * decisive.trend.weakest)} % of the pace`;
  if (verdict === 'leaking') return `Leak: ${what}; ${pace}.`;
  if (verdict === 'suspected') return `Perhaps a leak: ${what}; ${pace}. A longer run would tell.`;
  return `No leak seen: ${what}, and what grew did not grow throughout.`;
}
