import type { LeakFinding, LeakKind, LeakVerdict, RateInterval } from '../../model/index.ts';
import { CHILDREN, EXACT, FILES, MEMORY, NATURAL, OUTSIDE, RESIDUAL, THREADS } from './everyday.ts';
import { steadyGrowth, STEADY_Z, type Point, type RiseFloor, type Trend } from './trend.ts';

/** Anything that holds points in the order of time. */
interface Points {
  readonly points: readonly Point[];
}

/** Floors of one V8 heap: what was left alive after collections, and its parts. */
export interface HeapFloors {
  readonly live: Points;
  readonly heap: Points;
  readonly external: Points;
  /** Memory of the process that is neither; empty where it is not known. */
  readonly residual: Points;
  /** External memory and residual together: all resident memory that is not V8's heap. */
  readonly outside: Points;
}

export interface WatchedHeap {
  /** Null: of a recording, which does not tell. */
  readonly pid: number | null;
  readonly threadId: number;
  /** It runs a command of an installed package and waits for nobody: a test runner, a compiler, a linter. */
  readonly tool: boolean;
  /** Exact floors: full collections that were forced and measured in the same turn. */
  readonly forced: HeapFloors;
  /** Floors of the program's own collections. */
  readonly natural: HeapFloors;
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
  /** Why growth of it is suspected at most, and what would tell; null: it may be called. */
  readonly doubt: string | null;
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

/** Series of the whole run that judge() looks at, in ms on one clock. */
export interface WatchFigures {
  /** When the program started: warm-up is counted from there. */
  readonly startMs: number;
  readonly endMs: number;
  /** Nobody stopped it. */
  readonly endedByItself: boolean;
  readonly isolates: readonly WatchedHeap[];
  /** Memory of the processes whose V8 heap is not known. */
  readonly rest: Points;
  /** Memory of Node processes whose event loop never turns, so that no floor can be had. */
  readonly batch: Points;
  /** Parts of `rest`, where they are known: what most of its growth is in names its kind. */
  readonly parts: Partial<Record<'swap-hidden' | 'external' | 'v8-heap', Points>>;
  /** CPU time used until then, ms; empty where it is not known. */
  readonly work: Points;
  readonly children: Points;
  readonly threads: Points;
  readonly openFiles: Points;
  /** Bytes of files that the program keeps; empty where nobody counts them. */
  readonly files: Points;
}

const NO_POINTS: Points = { points: [] };

/** Verdict over a whole run under steady load. */
export function judge(figures: WatchFigures): WatchVerdict {
  const { isolates, rest, batch, children, threads, openFiles, files, work, startMs, endMs, endedByItself } = figures;
  // What the whole tree holds is a tool's when all that runs in it is: an optimiser opens all its outputs before it writes one.
  const ofTools = endedByItself && isolates.length > 0 && isolates.every(({ tool }) => tool) ? ONE_PASS : null;
  const alone = (pid: number | null): boolean => isolates.filter((isolate) => isolate.pid === pid).length === 1;
  const trendOf = (
    of: string,
    kind: LeakKind,
    series: Points,
    floors: readonly RiseFloor[],
    owner: WatchedHeap | null = null,
    doubt: string | null = owner?.tool === true && endedByItself ? ONE_PASS : null,
  ): WatchTrend => ({
    of,
    kind,
    unit: kind === 'children' || kind === 'threads' || kind === 'descriptors' ? 'count' : 'bytes',
    pid: owner?.pid ?? null,
    threadId: owner?.threadId ?? null,
    trend: doubted(steadyGrowth(series.points, startMs, endMs, floors, work.points), doubt),
    series,
    doubt,
  });
  const heaps = isolates.map((isolate): WatchTrend => {
    const exact = trendOf(`live set of ${nameOf(isolate)}`, 'v8-heap', isolate.forced.live, EXACT, isolate);
    if (exact.trend.verdict !== 'unknown') return { ...exact, kind: kindOfLive(isolate.forced) };
    // Too few exact ones (a busy machine, a huge heap, --no-force-gc): with those of its own collections.
    const all = { points: merged(isolate.forced.live.points, isolate.natural.live.points) };
    const natural = trendOf(exact.of, 'v8-heap', all, NATURAL, isolate);
    const { forced, natural: own } = isolate;
    return { ...natural, kind: kindOfLive(own.live.points.length > forced.live.points.length ? own : forced) };
  });
  const residuals = isolates
    .filter(({ pid }) => alone(pid))
    .map((isolate) =>
      trendOf(`native memory of ${nameOf(isolate)}`, 'native', isolate.forced.residual, RESIDUAL, isolate),
    );
  // WebAssembly takes memory by a fifth more at a time, ever larger steps of which only what is touched is resident: where most
  // of the growth is external, the resident part of it is looked at.
  const outsides = isolates
    .filter(({ pid, forced }) => alone(pid) && isMostlyExternal(forced))
    .map((isolate) =>
      trendOf(`memory outside the heap of ${nameOf(isolate)}`, 'external', isolate.forced.outside, OUTSIDE, isolate),
    );
  const trends = [
    ...heaps,
    ...residuals,
    ...outsides,
    trendOf(
      isolates.length > 0 ? 'memory outside known V8 heaps' : 'memory',
      kindOfRest(figures),
      rest,
      // Of a single process whose floors are known, the rest is what its allocator does.
      isolates.some(({ pid }) => pid === null) ? RESIDUAL : MEMORY,
      null,
      ofTools,
    ),
    ...(batch.points.length === 0
      ? []
      : [trendOf('memory of a Node program that computes in one go', 'unknown', batch, MEMORY, null, ONE_GO)]),
    ...(files.points.length === 0 ? [] : [trendOf('bytes of files', 'file-growth', files, MEMORY, null, ofTools)]),
    trendOf('child processes', 'children', children, CHILDREN, null, ofTools),
    trendOf('threads', 'threads', threads, THREADS, null, ofTools),
    trendOf('open descriptors', 'descriptors', openFiles, FILES, null, ofTools),
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

function nameOf({ pid, threadId }: WatchedHeap): string {
  if (pid === null) return 'the process';
  return threadId === 0 ? `process ${pid}` : `worker ${threadId} of process ${pid}`;
}

/**
 * What works through one large task grows with what it has worked out, straight and to the end. That is worth a suspicion,
 * never an accusation: nothing is done twice, so that nothing can be seen to be kept for nothing.
 */
const ONE_PASS =
  'A tool that works through its input once and ends may keep what it has worked out: a loop of your own around the code under test, or its watch mode, would tell.';
/** Its heap cannot be looked into either. */
const ONE_GO = 'It may keep what it has worked out; a program that pauses between pieces of work would tell.';

function doubted(trend: Trend, doubt: string | null): Trend {
  if (doubt === null || trend.verdict !== 'steady') return trend;
  return { ...trend, verdict: 'unclear', score: Math.min(trend.score, 0.49) };
}

/** Buffers are external memory with a small object each in the heap: the larger part names the leak. */
function kindOfLive(floors: HeapFloors): LeakKind {
  return slopeOf(floors.external) > slopeOf(floors.heap) ? 'external' : 'v8-heap';
}

/** It must itself only become more: Buffers that come and go move both figures. */
function isMostlyExternal({ external, outside }: HeapFloors): boolean {
  const endMs = external.points.at(-1)?.tMs ?? 0;
  const [part, whole] = [external, outside].map(({ points }) => steadyGrowth(points, 0, endMs, EXACT));
  if (part === undefined || whole === undefined || part.z < STEADY_Z) return false;
  // From the first to the last quarter, so that steps count as well as slopes.
  return whole.last > whole.first && part.last - part.first >= (whole.last - whole.first) / 2;
}

/** The part that holds half of the growth. Where the heap's parts are known and hold none of it, it is native memory. */
function kindOfRest({ rest, parts }: WatchFigures): LeakKind {
  const whole = slopeOf(rest);
  if (whole <= 0) return 'unknown';
  for (const kind of ['swap-hidden', 'external', 'v8-heap'] as const) {
    if (slopeOf(parts[kind] ?? NO_POINTS) >= whole / 2) return kind;
  }
  return parts['v8-heap'] !== undefined && parts['v8-heap'].points.length > 0 ? 'native' : 'unknown';
}

function slopeOf({ points }: Points): number {
  const [from, to] = [points[0]?.tMs ?? 0, points.at(-1)?.tMs ?? 0];
  return steadyGrowth(points, from, to, EXACT).ratePerHour;
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
  if (verdict === 'suspected')
    return `Perhaps a leak: ${what}; ${pace}. ${decisive.doubt ?? 'A longer run would tell.'}`;
  return `No leak seen: ${what}, and what grew did not grow throughout.`;
}
