import { close, open, read } from 'node:fs';
import type { Clock, Footprint } from '../../model/index.ts';
import { parseRollup } from './parse-text.ts';
import { DENIED, type ProcIo } from './proc-io.ts';
import type { ProcessTable } from './process-table.ts';
import type { Tracked } from './row.ts';

/** PSS is read again where RSS moved by more than this since: below it the sum of a tree is off by less than 6 %. */
const MOVED_SHARE = 0.06;

/** Reading a process of this size costs about twice what the smallest costs. */
const CONSTANT_COST_BYTES = 64 * 1024 * 1024;

/** Unused budget adds up to this many seconds' worth, so that a burst after a quiet minute is no burst of CPU. */
const SAVED_SECONDS = 20;

/**
 * Advance for the first round, in seconds' worth of budget: with the service's 0.4 ms/s, 0.4 s of CPU, which reads some
 * 1,500 processes. It lapses once all is read. Without it 1,000 processes are not all read for eight minutes.
 */
const FIRST_ROUND_SECONDS = 1000;

/** Kernels before 4.14 have no `smaps_rollup`; `smaps` holds the same sums, line by line, at several times the cost. */
const MAX_SMAPS_BYTES = 32 * 1024 * 1024;

export interface FootprintReader {
  /** Tells that this row was read: only what moved is looked at in `spend`, not a thousand rows at every tick. */
  consider(row: Tracked): void;
  /**
   * Reads some footprints in the tick, those that would be most wrong first, until the saved budget is used up; at most
   * `SAVED_SECONDS`' worth in one tick, so that the event loop is not held up by the first round either.
   */
  spend(nowMs: number): void;
  /** Reads one now, off the event loop: the cost grows with RSS, 0.4–10 ms and more beyond 1 GiB. */
  readNow(pid: number): Promise<Omit<Footprint, 'atMs'> | null>;
}

export interface FootprintOptions {
  readonly io: ProcIo;
  readonly clock: Clock;
  readonly procRoot: string;
  readonly table: ProcessTable;
  readonly budgetMsPerSecond: number;
}

export function createFootprintReader(options: FootprintOptions): FootprintReader {
  const { io, clock, procRoot, table, budgetMsPerSecond } = options;
  const file = io.read(`${procRoot}/self/smaps_rollup`) > 0 ? 'smaps_rollup' : 'smaps';
  const mostSavedMs = budgetMsPerSecond * SAVED_SECONDS;
  let savedMs = budgetMsPerSecond * FIRST_ROUND_SECONDS;
  let savedAtMs = clock.monotonicMs();
  /** Rows whose footprint is too old to be right. */
  const wrong = new Set<Tracked>();

  function text(pid: number): string | null | typeof DENIED {
    const path = `${procRoot}/${pid}/${file}`;
    if (file === 'smaps') {
      const whole = io.readAll(path, MAX_SMAPS_BYTES);
      if (typeof whole === 'number') return whole === DENIED ? DENIED : null;
      return whole.cut ? null : whole.bytes.toString('latin1');
    }
    const length = io.read(path);
    return length < 0 ? (length === DENIED ? DENIED : null) : io.bytes.toString('latin1', 0, length);
  }

  function readInto(row: Tracked, nowMs: number): void {
    row.footprintMs = nowMs;
    const content = text(row.sample.pid);
    if (content === DENIED) row.footprintDenied = true;
    const rollup = typeof content === 'string' ? parseRollup(content) : null;
    if (rollup === null || !table.isSame(row.sample)) return;
    row.sample.footprint = { ...rollup, atMs: clock.nowMs() };
  }

  function mostWrong(nowMs: number): Tracked | null {
    let worst: Tracked | null = null;
    let worstScore = 0;
    for (const row of wrong) {
      // It ended, or was read on demand meanwhile.
      if (table.byPid.get(row.sample.pid) !== row || !isWrong(row)) {
        wrong.delete(row);
        continue;
      }
      const score = wrongness(row, nowMs);
      if (score > worstScore) [worst, worstScore] = [row, score];
    }
    return worst;
  }

  return {
    consider(row) {
      if (isWrong(row)) wrong.add(row);
    },
    spend(nowMs) {
      const earnedMs = ((nowMs - savedAtMs) / 1000) * budgetMsPerSecond;
      savedMs = Math.max(savedMs, Math.min(mostSavedMs, savedMs + earnedMs));
      savedAtMs = nowMs;
      const floorMs = Math.max(0, savedMs - mostSavedMs);
      while (savedMs > floorMs) {
        const from = clock.monotonicMs();
        const row = mostWrong(nowMs);
        if (row === null) {
          // All is read: what is left of the advance lapses.
          savedMs = Math.min(mostSavedMs, savedMs);
          return;
        }
        readInto(row, nowMs);
        // At least a microsecond: a clock that stands still must not make reading free.
        savedMs -= Math.max(0.001, clock.monotonicMs() - from);
      }
    },
    async readNow(pid) {
      const content = file === 'smaps' ? text(pid) : await readOffLoop(`${procRoot}/${pid}/${file}`);
      return typeof content === 'string' ? parseRollup(content) : null;
    },
  };
}

function isWrong({ footprintDenied, sample: { footprint, rssBytes } }: Tracked): boolean {
  if (footprintDenied || rssBytes === 0) return false;
  return footprint === null || Math.abs(rssBytes - footprint.rssBytes) > footprint.rssBytes * MOVED_SHARE;
}

/**
 * Byte-seconds of possible error for the time that reading it takes (a constant, and more with each page), so that one giant
 * does not use up the budget of all others.
 */
function wrongness({ footprintMs, sample: { footprint, rssBytes } }: Tracked, nowMs: number): number {
  const moved = Math.abs(rssBytes - (footprint?.rssBytes ?? 0));
  return (moved * Math.min(nowMs - footprintMs, 3_600_000)) / (rssBytes + CONSTANT_COST_BYTES);
}

/** Callbacks of node:fs: three trips to the pool, where fs.promises makes five. Null: gone or not permitted. */
function readOffLoop(path: string): Promise<string | null> {
  return new Promise((resolve) => {
    open(path, 'r', (openError, fd) => {
      if (openError !== null) return resolve(null);
      const buffer = Buffer.allocUnsafe(4096);
      read(fd, buffer, 0, buffer.length, 0, (readError, length) => {
        close(fd, () => resolve(readError === null ? buffer.toString('latin1', 0, length) : null));
      });
    });
  });
}
