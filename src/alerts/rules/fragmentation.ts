import type { ObservedProcess } from '../../model/index.ts';
import { defineRule, type Condition, type Unknown } from '../define-rule.ts';
import { processGroup, processLabels, processSubject } from '../labels.ts';
import { levelAbove, mapLevels, milder } from '../levels.ts';
import { nextCall } from '../next-call.ts';
import { percentText, sizeText } from '../../wording/index.ts';

const MINUTE = 60_000;
const MIB = 1024 * 1024;

export const fragmentation = defineRule({
  name: 'fragmentation',
  type: 'fragmentation',
  title: 'Does a program hold much memory that it does not use?',
  about:
    "Two kinds, both measured after a full collection. Heap slack: committed less used, as a part of the committed heap. Native residual: memory that is neither V8's heap nor external to it (allocator retention, native code). Both only from a size on that is worth a restart. The original compares used with committed heap at any moment, where V8's young space and its room to grow look like fragmentation: 30 to 60 % in healthy programs.",
  scope: 'all',
  forMs: { warning: 10 * MINUTE, critical: 10 * MINUTE, emergency: 10 * MINUTE },
  keepFiringForMs: 30 * MINUTE,
  timing: 'V8 gives free pages back within minutes of idleness',
  options: {
    minSlackBytes: { value: 128 * MIB, unit: 'bytes', reason: 'less is not worth a restart' },
    minResidualBytes: {
      value: 512 * MIB,
      unit: 'bytes',
      reason: 'code, stacks and allocator pools of a large program take half of it',
    },
    exitShare: { value: 0.05, unit: 'share', reason: 'one collection more or less' },
    staleMs: { value: 60 * MINUTE, unit: 'ms', reason: 'slack of an hour ago may have been given back' },
  },
  start: ({ minSlackBytes, minResidualBytes, exitShare, staleMs }, { fragmentation: enter }) => {
    const exit = mapLevels(enter, (each) => each - exitShare);
    return ({ atMs, processes }, { before }) => {
      const holds: Condition[] = [];
      const unknown: Unknown[] = [];
      for (const process of processes) {
        const { heap, id } = process;
        const keys = [`${id} heap`, `${id} native`] as const;
        if (heap === null || !heap.isAfterGc || atMs - heap.atMs > staleMs || heap.totalBytes <= 0) {
          for (const key of keys) if (before(key) !== null) unknown.push({ key, missing: null });
          continue;
        }
        const slack = heap.totalBytes - heap.usedBytes;
        const residual =
          heap.externalBytes === null
            ? 0
            : process.footprintBytes - (heap.physicalBytes ?? heap.totalBytes) - heap.externalBytes;
        const parts = [
          { key: keys[0], bytes: slack, of: heap.totalBytes, least: minSlackBytes, what: 'committed heap is unused' },
          {
            key: keys[1],
            bytes: residual,
            of: process.footprintBytes,
            least: minResidualBytes,
            what: 'memory is neither heap nor Buffers',
          },
        ];
        for (const { key, bytes, of, least, what } of parts) {
          if (bytes < least) continue;
          // Waste is no danger by itself: it never is an emergency.
          const level = milder(levelAbove(bytes / of, enter, exit, before(key)), 'critical');
          if (level !== null) holds.push(condition(process, key, level, bytes, of, what, enter[level]));
        }
      }
      return { holds, unknown };
    };
  },
});

function condition(
  process: ObservedProcess,
  key: string,
  level: Condition['level'],
  bytes: number,
  of: number,
  what: string,
  threshold: number,
): Condition {
  return {
    key,
    level,
    subject: processSubject(process),
    labels: { ...processLabels(process), part: key.endsWith('heap') ? 'heap' : 'native' },
    groupKey: processGroup(process),
    title: `${percentText(bytes / of)} of a process's ${what}: ${sizeText(bytes)}.`,
    detail: `After a full collection ${sizeText(bytes)} of ${sizeText(of)} serve nothing; a restart gives them back.`,
    evidence: [{ kind: 'after-gc', detail: `${sizeText(bytes)} of ${sizeText(of)}` }],
    value: bytes / of,
    threshold,
    unit: 'share',
    forecast: null,
    next: nextCall('inspect_process', process.id, 'where its memory is'),
  };
}
