import type { DetectorSample, LeakKind } from '../model/index.ts';
import { known, type Reading } from './intake.ts';
import { logOdds, TERMS, termsOf } from './score/likelihood.ts';
import { createOutline } from './outline.ts';

/** Channels of the outline. */
const FOOTPRINT = 0;
const RSS = 1;
const SWAP = 2;
const HEAP = 3;
const EXTERNAL = 4;
const FILES = 5;
const THREADS = 6;
const DESCRIPTORS = 7;
const CHILDREN = 8;
const CHANNELS = 9;

/** Counts whose growth is a leak of its own, with the least rise that is not everyday life. */
const COUNTS = [
  // Pools of threads are a handful; libuv has 4, V8 4.
  { channel: THREADS, kind: 'threads', label: 'threads', minRise: 12 },
  // A server opens dozens of files and sockets at once.
  { channel: DESCRIPTORS, kind: 'descriptors', label: 'open descriptors', minRise: 50 },
  { channel: CHILDREN, kind: 'children', label: 'child processes', minRise: 6 },
  // Logs rotate at 10 to 100 MB.
  { channel: FILES, kind: 'file-growth', label: 'bytes of files', minRise: 200 * 1024 * 1024 },
] as const;

interface CountGrowth {
  readonly kind: LeakKind;
  readonly label: string;
  readonly logOdds: number;
  readonly rise: number;
  readonly ratePerHour: number;
}

export interface Parts {
  push(reading: Reading, sample: DetectorSample): void;
  /** The count that grows most surely; null: none grows. */
  countGrowth(): CountGrowth | null;
  /** What the growth since `fromSeconds` consists of. */
  kindOf(fromSeconds: number): { readonly kind: LeakKind; readonly reason: string };
  readonly stateBytes: number;
}

const values = new Float64Array(CHANNELS);
const terms = new Float64Array(TERMS.length);

/** A part names the kind when it carries at least this share of the growth: more than all others together. */
const MAIN_SHARE = 0.5;

export function createParts(blockMs: number): Parts {
  const outline = createOutline(CHANNELS, blockMs / 1000);
  let everKnown = 0;

  const set = (channel: number, value: number | null): void => {
    values[channel] = value ?? Number.NaN;
    if (value !== null) everKnown |= 1 << channel;
  };
  const has = (channel: number): boolean => (everKnown & (1 << channel)) !== 0;

  return {
    push(reading, sample) {
      set(FOOTPRINT, reading.footprintBytes);
      set(RSS, sample.rssBytes);
      set(SWAP, known(sample.swapBytes));
      set(HEAP, known(sample.heapUsedBytes));
      set(EXTERNAL, known(sample.externalBytes));
      set(FILES, known(sample.fileBytes));
      set(THREADS, known(sample.threads));
      set(DESCRIPTORS, known(sample.openFiles));
      set(CHILDREN, known(sample.children));
      outline.push(reading.tSeconds, values);
    },
    countGrowth() {
      let best: CountGrowth | null = null;
      for (const { channel, kind, label, minRise } of COUNTS) {
        if (!has(channel)) continue;
        const s = outline.measure(channel);
        // Growth of a count must also double what there was: a busier day has more connections, not twice as many.
        if (s === null || s.rise < minRise || s.relativeRise < 0.5) continue;
        termsOf(s, blockMs, outline.recordLogE(channel), terms);
        const odds = logOdds(terms, false);
        if (best === null || odds > best.logOdds) {
          best = { kind, label, logOdds: odds, rise: s.rise, ratePerHour: s.slope * 3600 };
        }
      }
      return best;
    },
    kindOf(fromSeconds) {
      const total = outline.slopeSince(FOOTPRINT, fromSeconds);
      if (total === null || total <= 0)
        return { kind: 'unknown', reason: 'the growth is too young to be split into parts' };
      const share = (channel: number): number => {
        const slope = has(channel) ? outline.slopeSince(channel, fromSeconds) : null;
        return slope === null ? 0 : slope / total;
      };
      const percent = (v: number): string => `${Math.round(100 * v)} %`;
      const swap = share(SWAP);
      const rss = share(RSS);
      if (swap >= MAIN_SHARE && rss < MAIN_SHARE) {
        return {
          kind: 'swap-hidden',
          reason: `${percent(swap)} of the growth is in swap; RSS shows ${percent(rss)} of it`,
        };
      }
      const heap = share(HEAP);
      const external = share(EXTERNAL);
      if (heap >= MAIN_SHARE) return { kind: 'v8-heap', reason: `${percent(heap)} of the growth is in the V8 heap` };
      if (external >= MAIN_SHARE) {
        return {
          kind: 'external',
          reason: `${percent(external)} of the growth is in Buffers and other external memory`,
        };
      }
      if (has(HEAP)) {
        const rest = 1 - heap - external;
        if (rest >= MAIN_SHARE) {
          return { kind: 'native', reason: `${percent(rest)} of the growth is neither V8 heap nor external memory` };
        }
        return heap >= external
          ? { kind: 'v8-heap', reason: `the V8 heap has the largest part of the growth, ${percent(heap)}` }
          : { kind: 'external', reason: `external memory has the largest part of the growth, ${percent(external)}` };
      }
      return { kind: 'unknown', reason: 'only the total is known: heap figures would tell the kind' };
    },
    stateBytes: outline.stateBytes + 8,
  };
}
