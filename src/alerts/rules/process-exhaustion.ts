import { defineRule, type Condition, type Unknown } from '../define-rule.ts';
import { processGroup, processLabels, processSubject } from '../labels.ts';
import { levelBelow, mapLevels } from '../levels.ts';
import { nextCall, sizeText, timeText } from '../words.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const processExhaustion = defineRule({
  name: 'process-exhaustion',
  type: 'exhaustion-forecast',
  title: 'Does a process grow into a limit of its own?',
  about:
    "Growth that is only suspected to be a leak (a cache may fill as steadily), but that reaches the process's own limit (V8 heap, cgroup) soon: it will die there, leak or not. Limits of the whole machine are the rule `host-exhaustion`'s; a process that is called leaking is the rule `leak`'s, which tells the time left too.",
  scope: 'all',
  forMs: { warning: 10 * MINUTE, critical: 2 * MINUTE, emergency: 30_000 },
  keepFiringForMs: 30 * MINUTE,
  timing: 'the growth has been watched for an hour; its rate is judged anew every few minutes',
  options: {
    warningMs: { value: 2 * HOUR, unit: 'ms', reason: 'a restart at a good moment is still possible' },
    criticalMs: { value: 30 * MINUTE, unit: 'ms', reason: 'soon: it takes what it holds with it' },
    emergencyMs: { value: 5 * MINUTE, unit: 'ms', reason: 'now' },
    exitPart: { value: 1.5, unit: 'share', reason: 'rates wander' },
  },
  start: ({ warningMs, criticalMs, emergencyMs, exitPart }) => {
    const enter = { warning: warningMs, critical: criticalMs, emergency: emergencyMs };
    const exit = mapLevels(enter, (each) => each * exitPart);
    return ({ atMs, processes }, { before }) => {
      const holds: Condition[] = [];
      const unknown: Unknown[] = [];
      for (const process of processes) {
        if (process.leak === null || process.leak.verdict === 'insufficient-data') {
          if (before(process.id) !== null) unknown.push({ key: process.id, missing: null });
          continue;
        }
        const { forecast, verdict } = process.leak;
        if (forecast === null || verdict !== 'suspected' || process.limit?.kind === 'host-memory') continue;
        const leftMs = forecast.atMs - atMs;
        const level = levelBelow(leftMs, enter, exit, before(process.id));
        if (level === null) continue;
        holds.push({
          key: process.id,
          level,
          subject: processSubject(process),
          labels: processLabels(process),
          groupKey: processGroup(process),
          title: `A process reaches its own memory limit in ${timeText(leftMs)}.`,
          detail: `It holds ${sizeText(process.footprintBytes)} and grows. ${forecast.limitSource}`,
          evidence: [{ kind: 'forecast', detail: `most likely in ${timeText(leftMs)}` }],
          value: Math.max(0, leftMs),
          threshold: enter[level],
          unit: 'ms',
          forecast,
          next: nextCall('detect_leaks', process.id, 'how it grows'),
        });
      }
      return { holds, unknown };
    };
  },
});
