import { defineRule } from '../define-rule.ts';
import { HOST, HOST_GROUP } from '../labels.ts';
import { levelAbove, mapLevels } from '../levels.ts';
import { nextCall } from '../next-call.ts';
import { percentText, sizeText } from '../../wording/index.ts';

const MINUTE = 60_000;

export const hostMemory = defineRule({
  name: 'host-memory',
  type: 'system-memory',
  title: 'Is the memory of the machine nearly used up?',
  about:
    'Used part of the limit that binds: RAM + swap, or the memory cgroup around everything. Used is what cannot be had without swapping (total less MemAvailable and free swap). The original compares total less free memory, where the page cache counts as used: a healthy machine that has read some files is then always above 85 %.',
  scope: 'host',
  forMs: { warning: MINUTE, critical: 20_000, emergency: 0 },
  keepFiringForMs: 5 * MINUTE,
  timing: 'a build may use it up for half a minute; at 95 % of RAM and swap there is no time to wait',
  options: {
    exitShare: {
      value: 0.05,
      unit: 'share',
      reason: "so much below its threshold a level ends, as Netdata's RAM alarm",
    },
  },
  start: ({ exitShare }, { memory }) => {
    const exit = mapLevels(memory, (level) => level - exitShare);
    return ({ limit }, { before }) => {
      if (limit.headroomBytes === null || limit.limitBytes <= 0) {
        return { holds: [], unknown: [{ key: 'host', missing: 'the headroom of the machine' }] };
      }
      const used = Math.min(1, Math.max(0, 1 - limit.headroomBytes / limit.limitBytes));
      const level = levelAbove(used, memory, exit, before('host'));
      if (level === null) return { holds: [], unknown: [] };
      return {
        unknown: [],
        holds: [
          {
            key: 'host',
            level,
            subject: HOST,
            labels: { limit: limit.kind },
            groupKey: HOST_GROUP,
            title: `The machine's memory is ${percentText(used)} used; ${sizeText(limit.headroomBytes)} are left.`,
            detail: `Of ${sizeText(limit.limitBytes)}, ${sizeText(limit.headroomBytes)} can still be used. ${limit.source}`,
            evidence: [{ kind: 'used-share', detail: `${percentText(used)} of the limit that binds is used` }],
            value: used,
            threshold: memory[level],
            unit: 'share',
            forecast: null,
            next: [
              ...nextCall('memory_status', null, 'which sessions use most'),
              ...nextCall('get_recommendations', null, 'what to end or shrink first'),
            ],
          },
        ],
      };
    };
  },
});
