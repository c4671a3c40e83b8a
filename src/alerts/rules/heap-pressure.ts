import type { ObservedProcess } from '../../model/index.ts';
import { defineRule, type Condition, type Unknown } from '../define-rule.ts';
import { processGroup, processLabels, processSubject } from '../labels.ts';
import { levelAbove, mapLevels } from '../levels.ts';
import { nextCall } from '../next-call.ts';
import { percentText, sizeText } from '../../wording/index.ts';

const MINUTE = 60_000;

export const heapPressure = defineRule({
  name: 'heap-pressure',
  type: 'heap-pressure',
  title: "Is a program's V8 heap nearly at its limit?",
  about:
    "What survived a full collection, as a part of the heap's limit (`--max-old-space-size`). The original compares used with committed heap: V8 commits only a little more than it uses, so that this is above 80 % in every healthy program. Without a collection the used heap holds garbage too; then only a figure above the emergency threshold counts, as a warning.",
  scope: 'all',
  forMs: { warning: 2 * MINUTE, critical: 30_000, emergency: 0 },
  keepFiringForMs: 15 * MINUTE,
  timing: 'a heap at 95 % of its limit collects again and again, and dies within seconds to minutes',
  options: {
    exitShare: { value: 0.05, unit: 'share', reason: 'one collection more or less' },
    staleMs: { value: 15 * MINUTE, unit: 'ms', reason: 'older figures say nothing of now' },
  },
  start: ({ exitShare, staleMs }, { heap: enter }) => {
    const exit = mapLevels(enter, (each) => each - exitShare);
    return ({ atMs, processes }, { before }) => {
      const holds: Condition[] = [];
      const unknown: Unknown[] = [];
      for (const process of processes) {
        const { heap, id } = process;
        const was = before(id);
        if (heap === null || heap.limitBytes === null || atMs - heap.atMs > staleMs) {
          if (was !== null) unknown.push({ key: id, missing: null });
          continue;
        }
        const share = heap.usedBytes / heap.limitBytes;
        const full = levelAbove(share, enter, exit, was);
        const level = heap.isAfterGc ? full : full === 'emergency' ? 'warning' : null;
        if (level === null) continue;
        holds.push(condition(process, heap.usedBytes, heap.limitBytes, heap.isAfterGc, level, enter[level]));
      }
      return { holds, unknown };
    };
  },
});

function condition(
  process: ObservedProcess,
  usedBytes: number,
  limitBytes: number,
  isAfterGc: boolean,
  level: Condition['level'],
  threshold: number,
): Condition {
  const share = usedBytes / limitBytes;
  return {
    key: process.id,
    level,
    subject: processSubject(process),
    labels: processLabels(process),
    groupKey: processGroup(process),
    title: `A V8 heap is ${percentText(share)} full.`,
    detail: `${sizeText(usedBytes)} of ${sizeText(limitBytes)} ${isAfterGc ? 'survived a full collection' : 'are used, garbage included'}; at the limit the process aborts with "heap out of memory".`,
    evidence: [{ kind: isAfterGc ? 'after-gc' : 'before-gc', detail: `${percentText(share)} of the heap limit` }],
    value: share,
    threshold,
    unit: 'share',
    forecast: null,
    next: [
      ...nextCall('inspect_process', process.id, 'what fills the heap'),
      ...nextCall('get_recommendations', process.id, 'what to do about it'),
    ],
  };
}
