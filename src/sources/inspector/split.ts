import type { MemorySplit } from '../../model/index.ts';
import type { ProcIo } from '../linux/proc-io.ts';
import { runtimeOf } from '../runtime.ts';

/** 300 bytes a mapping; a process of 100,000 mappings is beyond what this may cost. */
const MAX_SMAPS_BYTES = 32 * 1024 * 1024;
/** V8 aligns the pages of its heap so (v8/src/common/globals.h: kRegularPageSize; 128 KiB on Android only). */
const V8_PAGE = 256 * 1024;
/** glibc aligns the heaps of its malloc arenas so (malloc/arena.c: HEAP_MAX_SIZE on 64-bit systems). */
const ARENA = 64 * 1024 * 1024;
const MAPPING = /^([0-9a-f]+)-([0-9a-f]+) \S+ [0-9a-f]+ \S+ (\d+) *(.*)$/;

/** Resident memory by what it is; null when the process is gone or not ours. 5–24 ms: for one process, on demand. */
export function readSplit(io: ProcIo, procRoot: string, pid: number, atMs: number): MemorySplit | null {
  const exe = io.link(`${procRoot}/${pid}/exe`);
  const smaps = io.readAll(`${procRoot}/${pid}/smaps`, MAX_SMAPS_BYTES);
  if (typeof exe !== 'string' || typeof smaps === 'number') return null;
  const runtime = runtimeOf(exe.replace(/ \(deleted\)$/, ''), '', undefined);
  return splitOf(smaps.bytes.toString('latin1'), atMs, runtime === 'node' && !smaps.cut);
}

/**
 * Sums of `smaps`. V8's part is the resident size of unnamed anonymous mappings that begin at a multiple of 256 KiB but
 * not of 64 MiB: measured within 3 % of V8's own `total_physical_size`.
 */
export function splitOf(smaps: string, atMs: number, isV8: boolean): MemorySplit {
  let [rss, anonymous, swap, v8] = [0, 0, 0, 0];
  let isV8Mapping = false;
  for (const row of smaps.split('\n')) {
    const mapping = MAPPING.exec(row);
    if (mapping !== null) {
      const from = Number.parseInt(mapping[1] ?? '', 16);
      isV8Mapping = mapping[3] === '0' && mapping[4] === '' && from % V8_PAGE === 0 && from % ARENA !== 0;
      continue;
    }
    const value = Number(/^(?:Rss|Anonymous|Swap): +(\d+) kB$/.exec(row)?.[1] ?? 0);
    if (value === 0) continue;
    if (row.startsWith('Rss')) {
      rss += value;
      if (isV8Mapping) v8 += value;
    } else if (row.startsWith('Anonymous')) anonymous += value;
    else swap += value;
  }
  return {
    atMs,
    rssBytes: rss * 1024,
    v8Bytes: isV8 ? v8 * 1024 : null,
    otherAnonymousBytes: Math.max(0, anonymous - (isV8 ? v8 : 0)) * 1024,
    fileBytes: Math.max(0, rss - anonymous) * 1024,
    swapBytes: swap * 1024,
    unknown: isV8 ? {} : { v8Bytes: 'only Node is known to align its heap so' },
  };
}
