import {
  calibrate,
  CLEARED_LOG_ODDS,
  CONFIRMED_LOG_ODDS,
  LEAKING_LOG_ODDS,
  SUSPECTED_LOG_ODDS,
} from '../../detectors/index.ts';
import type { LeakFinding, LeakVerdict } from '../../model/index.ts';

/** What one full collection of a process left, summed over its V8 isolates. Sizes in bytes. */
export interface HeapFloor {
  /** ms since the epoch. */
  readonly atMs: number;
  readonly heapUsedBeforeBytes: number | null;
  readonly heapUsedAfterBytes: number;
  /** Buffers and other memory outside the heap that V8 answers for; null: not known. */
  readonly externalBytes: number | null;
  /** Resident then, less V8's pages and what is external: malloc's, native code's, stacks, files. Null: not known. */
  readonly nativeBytes: number | null;
}

/** What a process's floors say of growth that was seen from outside. */
export interface Confirmation {
  readonly said: LeakFinding['confirmation'];
  /** Which part of what stayed grew most; null: none did. 'native' confirms nothing, and clears nothing. */
  readonly kind: 'v8-heap' | 'external' | 'native' | null;
  /** When another collection would tell more, ms since the epoch; null: nothing is left to ask. */
  readonly nextAtMs: number | null;
  /** One plain sentence. */
  readonly reason: string;
}

/**
 * Growth that the floors must have had the time to show: below 2 MB a healthy live set wanders by itself (the same least
 * rise as the gate's, see gate/verdict.ts).
 */
const MIN_EXPECTED_BYTES = 2e6;
/** Most of the growth is in what survives collections: half, since the rate itself is known no better than that. */
const CONFIRMED_SHARE = 0.5;
/** Hardly any of it is. In between it is both, and the floors decide nothing. */
const CLEARED_SHARE = 0.2;
/** A pair may hide growth by a busy moment at its first floor; three that stand still do not. */
const MIN_TO_CLEAR = 3;
/** So many floors from before the growth say where it began: garbage that a floor freed grows anew from there. */
const ANCHORS = 2;
/** Floors clear growth for three times as long as they were watched; what came later they have not seen. */
const CLEARED_SPANS = 3;
/** As many as are of use for a slope; when full, every second one goes. */
const KEPT = 16;
/** What grows in number is no matter of the heap. */
const COUNTED: ReadonlySet<LeakFinding['kind']> = new Set(['threads', 'descriptors', 'children', 'file-growth']);

/** Floors of one process in order of time, bounded. Bad and late ones are left out. */
export function withFloor(floors: readonly HeapFloor[], floor: HeapFloor): readonly HeapFloor[] {
  const sizes = [floor.atMs, floor.heapUsedAfterBytes, floor.externalBytes ?? 0];
  if (!sizes.every((value) => Number.isFinite(value) && value >= 0)) return floors;
  const last = floors.at(-1);
  if (last !== undefined && floor.atMs <= last.atMs) return floors;
  const kept = floors.length < KEPT ? floors : floors.filter((_, index) => index % 2 === 0);
  return [...kept, floor];
}

/**
 * Do the floors grow as memory does? They are held against the growth that was seen from outside, not against a fixed
 * size: three floors within a minute say nothing of a leak of 1 MB an hour, and 3 MB are nothing in a heap of 500.
 */
export function confirmation(
  all: readonly HeapFloor[],
  { growth, kind }: Pick<LeakFinding, 'growth' | 'kind'>,
): Confirmation {
  const nothing = { said: null, kind: null } as const;
  if (growth === null || growth.ratePerHourBytes <= 0 || COUNTED.has(kind))
    return { ...nothing, nextAtMs: null, reason: 'nothing grows that floors could confirm' };
  const perMs = growth.ratePerHourBytes / 3_600_000;
  const waitMs = Math.ceil(MIN_EXPECTED_BYTES / perMs);
  // Floors of a quiet time before this growth would clear it, however it goes; the last of them are where it began.
  const begun = all.findIndex(({ atMs }) => atMs > growth.sinceMs);
  const floors = all.slice(Math.max(0, (begun === -1 ? all.length : begun) - ANCHORS));
  const first = floors[0];
  const last = floors.at(-1);
  if (first === undefined || last === undefined)
    return { ...nothing, nextAtMs: 0, reason: 'no full collection was seen yet' };
  const fromMs = Math.max(first.atMs, growth.sinceMs);
  const expected = perMs * (last.atMs - fromMs);
  if (expected < MIN_EXPECTED_BYTES) {
    const nextAtMs = fromMs + waitMs;
    return { ...nothing, nextAtMs, reason: 'the collections lie too close together to show this growth' };
  }
  const spanMs = last.atMs - first.atMs;
  // Twice as long a span each time: what is not clear after an hour will not be five minutes later.
  const nextAtMs = last.atMs + Math.max(waitMs, spanMs);
  const heap = rise(floors, ({ heapUsedAfterBytes }) => heapUsedAfterBytes);
  const external = rise(floors, ({ externalBytes }) => externalBytes ?? 0);
  const share = (heap + external) / expected;
  const what = `what survives full collections grew by ${percent(share)} of what memory did`;
  if (share >= CONFIRMED_SHARE) {
    return { said: 'confirmed', kind: external > heap ? 'external' : 'v8-heap', nextAtMs: null, reason: what };
  }
  if (share > CLEARED_SHARE || floors.length < MIN_TO_CLEAR) return { ...nothing, nextAtMs, reason: what };
  const outside = floors.filter(({ nativeBytes }) => nativeBytes !== null && Number.isFinite(nativeBytes));
  const native = outside.length < MIN_TO_CLEAR ? 0 : rise(outside, ({ nativeBytes }) => nativeBytes ?? 0) / expected;
  if (native >= CONFIRMED_SHARE) {
    return {
      said: null,
      kind: 'native',
      nextAtMs,
      reason: `${what}, what is resident outside of V8 by ${percent(native)}`,
    };
  }
  if (growth.atMs - last.atMs > CLEARED_SPANS * spanMs)
    return { ...nothing, nextAtMs: 0, reason: 'the last full collection was too long ago' };
  return { said: 'cleared', kind: null, nextAtMs, reason: `${what}: the growth is not in the heap` };
}

/** The finding under what the floors said. Evidence that there is gets weighed; none is made from a clear finding. */
export function weigh(finding: LeakFinding, { said, kind, reason }: Confirmation): LeakFinding {
  if (finding.verdict !== 'suspected' && finding.verdict !== 'leaking') return finding;
  if (said === null) return kind === null ? finding : { ...finding, kind, kindReason: reason };
  const logOdds = finding.logOdds + (said === 'confirmed' ? CONFIRMED_LOG_ODDS : CLEARED_LOG_ODDS);
  // An alarm that goes on by the detector's hysteresis does not end by being confirmed.
  const goesOn = said === 'confirmed' && finding.verdict === 'leaking';
  const isLeak = goesOn || logOdds >= LEAKING_LOG_ODDS;
  const verdict: LeakVerdict = isLeak ? 'leaking' : logOdds >= SUSPECTED_LOG_ODDS ? 'suspected' : 'clear';
  const score = calibrate(logOdds);
  const isClear = verdict === 'clear';
  return {
    ...finding,
    verdict,
    score,
    logOdds,
    peakScore: Math.max(score, finding.peakScore ?? 0),
    confirmation: said,
    kind: isClear ? null : (kind ?? (finding.kind === 'v8-heap' ? 'native' : finding.kind)),
    kindReason: isClear ? null : reason,
    ...(isClear ? { ratePerHourBytes: null, rateInterval: null, sinceMs: null, growth: null } : {}),
    reason: isClear ? `Memory grew, but ${reason}.` : `${finding.reason} Floors: ${reason}.`,
  };
}

/** Theil and Sen's slope over the whole span. */
function rise(floors: readonly HeapFloor[], sizeOf: (floor: HeapFloor) => number): number {
  const slopes: number[] = [];
  for (const [index, a] of floors.entries()) {
    for (const b of floors.slice(index + 1)) slopes.push((sizeOf(b) - sizeOf(a)) / (b.atMs - a.atMs));
  }
  slopes.sort((a, b) => a - b);
  const middle = slopes.length >> 1;
  const slope = ((slopes[middle] ?? 0) + (slopes[(slopes.length - 1) >> 1] ?? 0)) / 2;
  return slope * ((floors.at(-1)?.atMs ?? 0) - (floors[0]?.atMs ?? 0));
}

const percent = (share: number): string => `${Math.round(100 * Math.max(0, share))} %`;
