import type { Evidence } from '../../model/index.ts';
import { defineKiller, WEIGHT } from '../define-killer.ts';
import { isAbort, signalOf } from '../exit-status.ts';
import type { DeathSigns } from '../signs.ts';

/** Anonymous memory holds the heap and more, so at the limit it is at least about as large as the limit. */
const NEAR_SHARE = 0.8;
/**
 * How fast a heap can have filled unseen since the last look, in bytes per ms (= KB/s): a program under load, and one that
 * does nothing but allocate (measured: 150 to 400 MB/s in Node 20, collections included).
 */
const FAST = 100_000;
const FASTEST = 500_000;

/** V8 writes "heap out of memory" to a stderr that we do not see, then aborts. */
export const v8HeapLimit = defineKiller({
  killer: 'v8-heap-limit',
  title: 'V8, whose heap reached its limit',
  weigh(signs) {
    const { exit, process, report, heapLimitBytes } = signs;
    if (process.runtime !== 'node') return null;
    if (exit !== null && !isAbort(signalOf(exit))) return null;
    if (report !== null && /heap out of memory|OOMError/.test(`${report.event} ${report.trigger}`)) {
      const detail = 'Its diagnostic report says that the JavaScript heap was out of memory.';
      return { weight: WEIGHT.named, evidence: [{ kind: 'node-report', detail }] };
    }
    // Without its end known, an abort is one guess among many.
    const base = exit === null ? WEIGHT.possible : WEIGHT.fits;
    const near = nearness(signs);
    if (near === null) return { weight: base * 0.3, evidence: [] };
    const share = `${Math.round(near * 100)} % of the heap's limit of ${Math.round((heapLimitBytes ?? 0) / 1024 / 1024)} MiB`;
    if (near >= NEAR_SHARE) return { weight: base * 10, evidence: [evidence(`Its memory was at ${share}.`)] };
    const missing = ((1 - near) * (heapLimitBytes ?? 0)) / Math.max(1, signs.diedBeforeMs - process.seenAtMs);
    // Of Nodes that abort, most have run out of heap: a little more than even where it could have filled unseen.
    const factor = missing <= FAST ? 1.5 : missing <= FASTEST ? 0.3 : 0.03;
    const could = missing <= FASTEST ? 'it could have filled since' : 'it cannot have filled since';
    return { weight: base * factor, evidence: [evidence(`It was last seen at ${share}; ${could}.`)] };
  },
});

const evidence = (detail: string): Evidence => ({ kind: 'heap-limit', detail });

function nearness({ process, heapLimitBytes, curve }: DeathSigns): number | null {
  if (heapLimitBytes === null || heapLimitBytes <= 0) return null;
  // The share of resident memory that was anonymous when both were read holds for the last points too.
  const anonShare = process.anonBytes === null || process.rssBytes === 0 ? 0.6 : process.anonBytes / process.rssBytes;
  const last = curve.slice(-3).map(({ rssBytes }) => rssBytes * anonShare);
  return Math.max(process.anonBytes ?? process.rssBytes * anonShare, ...last) / heapLimitBytes;
}
