import { defineAdvice, type Draft } from '../define-advice.ts';
import { unknownEffect } from '../effects.ts';
import { manual, processSubject } from '../steps.ts';
import { sizeText } from '../../wording/index.ts';

const MIB = 1024 * 1024;
/** V8 collects ever harder from here on, and ends the process at 100 %. */
const NEAR_SHARE = 0.85;
/** A heap may take three quarters of what binds the process: buffers, code and native memory need the rest. */
const HEAP_SHARE = 0.75;

export const heapCap = defineAdvice({
  type: 'heap-cap',
  about:
    'A V8 heap limit that does not fit: above what the host or cgroup has, or nearly reached although there is room.',
  look: ({ processes, limit: hostLimit }) =>
    processes.flatMap((process): Draft[] => {
      const { heap } = process;
      if (heap === null || heap.limitBytes === null) return [];
      const bound = process.limit !== null && process.limit.kind !== 'v8-old-space' ? process.limit : hostLimit;
      const wantedBytes = Math.floor((bound.limitBytes * HEAP_SHARE) / MIB) * MIB;
      const isTooHigh = heap.limitBytes > bound.limitBytes;
      const isNear = heap.isAfterGc && heap.usedBytes > heap.limitBytes * NEAR_SHARE && wantedBytes > heap.limitBytes;
      if (!isTooHigh && !isNear) return [];
      const capBytes = isTooHigh ? wantedBytes : Math.min(wantedBytes, 2 * heap.limitBytes);
      return [
        {
          key: process.id,
          priority: isNear ? 'high' : 'medium',
          urgency: isNear ? 'today' : 'sometime',
          title: isTooHigh
            ? `A Node process may grow its heap to ${sizeText(heap.limitBytes)}, beyond the ${sizeText(bound.limitBytes)} that bind it.`
            : `A V8 heap is ${Math.round((heap.usedBytes / heap.limitBytes) * 100)} % full.`,
          reason: isTooHigh
            ? 'The kernel ends it before V8 begins to collect in earnest.'
            : 'V8 ends a process whose heap is full; the host has room for a larger one. If it leaks, that only buys time.',
          subject: processSubject(process),
          evidence: [
            { kind: 'heap-limit', detail: `${sizeText(heap.usedBytes)} used of ${sizeText(heap.limitBytes)}` },
          ],
          confidence: 0.8,
          processes: [process.id],
          actions: [
            manual('configure', {
              description: `Start it with NODE_OPTIONS=--max-old-space-size=${Math.round(capBytes / MIB)} (MiB) in its environment.`,
              effect: unknownEffect('a limit frees nothing by itself'),
              time: '2 min',
            }),
          ],
        },
      ];
    }),
});
