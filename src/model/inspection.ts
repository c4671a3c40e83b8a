import type { Evidence } from './attribution.ts';
import type { ProcessId, ProcessKey, Runtime } from './process.ts';

/**
 * What a process holds, seen from inside (its own inspector) or, without touching it, from its mappings. Sizes in bytes,
 * durations in ms, times in ms since the epoch. Names of functions and files come from the program: untrusted data.
 */

/** Resident memory by what it is, from `/proc/PID/smaps` alone. */
export interface MemorySplit {
  readonly atMs: number;
  readonly rssBytes: number;
  /** Pages of V8's heap: anonymous mappings aligned as V8 aligns them. Null: not a V8 process, or not readable. */
  readonly v8Bytes: number | null;
  /** Anonymous memory that is not V8's: malloc, Buffers, stacks. */
  readonly otherAnonymousBytes: number;
  /** Resident pages of files: code, libraries, mapped data. */
  readonly fileBytes: number;
  readonly swapBytes: number;
  /** Names of null fields → why. */
  readonly unknown: Readonly<Record<string, string>>;
}

export interface InspectedSpace {
  readonly name: string;
  readonly sizeBytes: number;
  readonly usedBytes: number;
  readonly availableBytes: number;
  readonly physicalBytes: number;
}

/** One V8 isolate's heap. The main thread has `threadId` 0. */
export interface HeapFigures {
  readonly threadId: number;
  readonly name: string;
  readonly usedBytes: number;
  readonly totalBytes: number;
  readonly physicalBytes: number | null;
  readonly limitBytes: number | null;
  readonly externalBytes: number | null;
  readonly arrayBuffersBytes: number | null;
  readonly spaces: readonly InspectedSpace[];
}

/** Collections inside a window. */
export interface GcStatistics {
  readonly windowMs: number;
  readonly byKind: Readonly<
    Record<'minor' | 'major' | 'incremental' | 'weak-callbacks', { count: number; totalMs: number; maxMs: number }>
  >;
  /** Share of the window spent in collections, 0–1. */
  readonly share: number;
}

/** A full collection that we forced. */
export interface Collection {
  readonly before: readonly HeapFigures[];
  readonly after: readonly HeapFigures[];
  readonly freedBytes: number;
  readonly rssBeforeBytes: number;
  readonly rssAfterBytes: number;
  /** How long the target stood still. */
  readonly pauseMs: number;
}

export interface CodePlace {
  readonly functionName: string;
  /** File or URL as the runtime names it; redacted, control characters stripped. */
  readonly file: string;
  /** From 1; null: native code, or not known. */
  readonly line: number | null;
  readonly column: number | null;
}

/** A function whose allocations stay alive and become more. */
export interface Culprit extends CodePlace {
  /** The same place in the source, where a source map leads there. */
  readonly source: CodePlace | null;
  /** Growth of live bytes allocated here between the first and the last profile, and its share of all growth, 0–1. */
  readonly growthBytes: number;
  readonly share: number;
  readonly liveBytes: number;
  readonly ratePerHourBytes: number;
  /** Callers, innermost first. */
  readonly stack: readonly CodePlace[];
}

/** Why a process can, or cannot, be looked into. */
export interface Inspectability {
  readonly possible: boolean;
  /** 'signal': SIGUSR1 opens its inspector · 'port': it listens already · 'none'. */
  readonly way: 'signal' | 'port' | 'none';
  /** One plain sentence; for a refusal with what would make it possible. */
  readonly reason: string;
  readonly evidence: readonly Evidence[];
}

/** `inspect`: what is asked of one process. */
export interface InspectQuery {
  /** `pid:startTime`. */
  readonly target: string;
  /** Attach, or only what can be known passively. Default true. */
  readonly attach?: boolean | undefined;
  /** Force a full collection and tell what it freed. Default false. */
  readonly collect?: boolean | undefined;
  /** Watch collections for so many ms; 0: not. Default 0. */
  readonly gcWindowMs?: number | undefined;
  /** Find growing functions by sampling profiles over so many ms; 0: not. Default 0. */
  readonly profileMs?: number | undefined;
  /** Names events `progress` of this call. */
  readonly ticket?: string | undefined;
}

export interface InspectReport {
  readonly schemaVersion: 1;
  readonly atMs: number;
  readonly process: ProcessId & { readonly id: ProcessKey; readonly name: string; readonly runtime: Runtime };
  readonly inspectability: Inspectability;
  readonly split: MemorySplit | null;
  readonly heaps: readonly HeapFigures[] | null;
  readonly gc: GcStatistics | null;
  readonly collection: Collection | null;
  readonly culprits: readonly Culprit[] | null;
  /** RssAnon − V8 physical − external: malloc retention, native code, stacks. No collection frees it. */
  readonly nativeResidualBytes: number | null;
  /** How long the inspector was open. */
  readonly attachedMs: number | null;
  /** Names of null fields → why. */
  readonly unknown: Readonly<Record<string, string>>;
  readonly summary: string;
}

/** 'light': profile, spaces, split · 'snapshot': the whole heap, which stops the target and needs a multiple of its heap. */
export type CaptureKind = 'light' | 'snapshot' | 'compare';

export interface CaptureQuery {
  readonly target: string;
  readonly kind: CaptureKind;
  /** light: how long to profile. */
  readonly durationMs?: number | undefined;
  /** compare: id of an earlier snapshot of the same process (default: the last one). */
  readonly since?: string | undefined;
  readonly ticket?: string | undefined;
}

/** How a constructor's instances changed between two snapshots. */
export interface ConstructorGrowth {
  readonly constructorName: string;
  readonly countBefore: number;
  readonly countAfter: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly retainedGrowthBytes: number | null;
  /** What holds most of the new ones, from the object up to a root: 'listeners in EventEmitter → global'. */
  readonly retainers: readonly string[];
}

export interface CaptureReport {
  readonly schemaVersion: 1;
  readonly id: string;
  readonly atMs: number;
  readonly process: ProcessId & { readonly id: ProcessKey; readonly name: string };
  readonly kind: CaptureKind;
  /** File of ours, 0600; null: nothing was written. */
  readonly path: string | null;
  readonly bytes: number | null;
  readonly pauseMs: number | null;
  readonly culprits: readonly Culprit[];
  readonly growth: readonly ConstructorGrowth[];
  readonly inspection: InspectReport | null;
  readonly summary: string;
}
