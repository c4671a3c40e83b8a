import type { Limit, ObservedProcess } from '../../model/index.ts';
import { defineRule, type Condition } from '../define-rule.ts';
import { processGroup, processLabels, processSubject } from '../labels.ts';
import { levelAbove, mapLevels } from '../levels.ts';
import { nextCall } from '../next-call.ts';
import { countText, percentText, sizeText } from '../../wording/index.ts';

const MINUTE = 60_000;

export const cgroupMemory = defineRule({
  name: 'cgroup-memory',
  type: 'system-memory',
  title: 'Is a cap of its own nearly used up, with the machine half empty?',
  about:
    'Working set (usage without inactive page cache) against the limit of the memory cgroup that binds some processes first: a container, a slice, a `systemd-run --scope -p MemoryMax=`. One alert for each cgroup, named after its largest process.',
  scope: 'all',
  forMs: { warning: MINUTE, critical: 20_000, emergency: 0 },
  keepFiringForMs: 5 * MINUTE,
  timing: 'as for the whole machine',
  options: {
    exitShare: { value: 0.05, unit: 'share', reason: 'so much below its threshold a level ends' },
  },
  start: ({ exitShare }, { memory }) => {
    const exit = mapLevels(memory, (level) => level - exitShare);
    return ({ processes, limit: host }, { before }) => {
      const holds: Condition[] = [];
      for (const [key, { limit, members, largest }] of caps(processes, host)) {
        const used = (limit.usedBytes ?? 0) / limit.limitBytes;
        const level = levelAbove(used, memory, exit, before(key));
        if (level === null) continue;
        holds.push({
          key,
          level,
          subject: processSubject(largest),
          labels: { ...processLabels(largest), limit: limit.kind },
          groupKey: processGroup(largest),
          title: `A memory cgroup is ${percentText(used)} full: ${sizeText(limit.usedBytes ?? 0)} of ${sizeText(limit.limitBytes)}.`,
          detail: `${countText(members, 'process', 'processes')} share it. ${
            limit.kind === 'cgroup'
              ? 'At the limit the kernel kills in it.'
              : 'Above its high mark the kernel slows all of them down.'
          }`,
          evidence: [{ kind: 'used-share', detail: `${percentText(used)} of the cgroup's limit` }],
          value: used,
          threshold: memory[level],
          unit: 'share',
          forecast: null,
          next: nextCall('memory_status', largest.id, 'the largest in it'),
        });
      }
      return { holds, unknown: [] };
    };
  },
});

interface Cap {
  readonly limit: Limit;
  members: number;
  largest: ObservedProcess;
}

/** Caps that bind, by what names them. The machine's own limit is the rule `host-memory`'s. */
function caps(processes: readonly ObservedProcess[], host: Limit): ReadonlyMap<string, Cap> {
  const found = new Map<string, Cap>();
  for (const process of processes) {
    const { limit } = process;
    if (limit === null || limit.usedBytes === null || (limit.kind !== 'cgroup' && limit.kind !== 'cgroup-high'))
      continue;
    if (limit.source === host.source || limit.limitBytes <= 0) continue;
    const cap = found.get(limit.source);
    if (cap === undefined) found.set(limit.source, { limit, members: 1, largest: process });
    else {
      cap.members += 1;
      if (process.footprintBytes > cap.largest.footprintBytes) cap.largest = process;
    }
  }
  return found;
}
