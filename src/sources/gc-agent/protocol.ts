/** What the preload in a Node process tells us: one JSON object a line. Sizes in bytes, durations in ms. */

/** Name of the variable that carries the path of our socket to the preload. */
export const SOCKET_VARIABLE = 'RAMPART_GC_SOCKET';
/** '0': never force a collection; else the time between two forced ones, in ms. */
export const FORCE_VARIABLE = 'RAMPART_GC_FORCE_MS';
/** The preload stops sending when this many reports are not answered: a reader that hangs must not hold its host. */
export const MAX_UNANSWERED = 32;

/** The figures right after a major collection of one V8 isolate. */
export interface GcReport {
  readonly pid: number;
  /** 0: the main thread; else the worker's id. */
  readonly threadId: number;
  /** Wall time in the reporting process, ms since the epoch. */
  readonly tMs: number;
  /**
   * Forced: measured in the same turn, so that nothing but live objects is in it. Otherwise the figures were read when
   * the observer was called, and hold what was allocated since.
   */
  readonly forced: boolean;
  readonly pauseMs: number;
  readonly heapUsedBytes: number;
  /** Memory outside the V8 heap that V8 knows of; ArrayBuffers and Buffers are in it. */
  readonly externalBytes: number;
  readonly arrayBuffersBytes: number;
  /** Memory that V8 holds for its heap, used or not. */
  readonly heapTotalBytes: number;
  /** Of the whole process. */
  readonly rssBytes: number;
  /**
   * The process runs a command of an installed package and waits for nobody, be it at a socket or at stdin: a test runner,
   * a compiler, a linter.
   */
  readonly tool: boolean;
  /** Heap used right before a forced collection; null for others. */
  readonly heapBeforeBytes: number | null;
}
