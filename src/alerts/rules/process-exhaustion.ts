import type { LeakForecast, Limit, Observation, ObservedProcess } from '../../model/index.ts';
import { defineRule, type Condition, type Unknown } from '../define-rule.ts';
import { worstOf } from '../leak-evidence.ts';
import { processGroup, processLabels, processSubject } from '../labels.ts';
import { levelBelow, mapLevels, milder } from '../levels.ts';
import { createTrend, isStraight, reach, type Trend } from '../trend.ts';
import { nextCall } from '../next-call.ts';
import { sizeText, timeText } from '../../wording/index.ts';

const MINUTE = 60_000;
const MIB = 1024 * 1024;

export const processExhaustion = defineRule({
  name: 'process-exhaustion',
  type: 'exhaustion-forecast',
  title: 'Does a process grow into a limit of its own?',
  about:
    "A process that reaches its own limit (V8 heap, cgroup) soon dies there, leak or not. Two ways to see it: growth that the detectors only suspect so far (a cache may fill as steadily), and straight growth of the last ten minutes, once a quarter of the limit is used: a leak of a GiB an hour is over before a detector is sure. Limits of the whole machine are the rule `host-exhaustion`'s; a process that is called leaking is the rule `leak`'s, which tells the time left too.",
  scope: 'all',
  forMs: { warning: 10 * MINUTE, critical: 2 * MINUTE, emergency: 30_000 },
  keepFiringForMs: 30 * MINUTE,
  timing: 'a cache that fills for ten minutes more is no news; a limit within the half hour is',
  warmUpMs: 10 * MINUTE,
  options: {
    warningMs: { value: 60 * MINUTE, unit: 'ms', reason: 'a restart at a good moment is still possible' },
    criticalMs: {
      value: 10 * MINUTE,
      unit: 'ms',
      reason:
        'now. Of an agent, which takes its work with it; a server or a tool that dies is started anew, and stays a warning',
    },
    exitPart: { value: 1.5, unit: 'share', reason: 'rates wander' },
    watchShare: {
      value: 0.25,
      unit: 'share',
      reason: 'of its limit: below that ten straight minutes are a start-up or a cache',
    },
    minBytes: { value: 64 * MIB, unit: 'bytes', reason: 'less within ten minutes is no run at any limit' },
  },
  start: ({ warningMs, criticalMs, exitPart, watchShare, minBytes }) => {
    const enter = { warning: warningMs, critical: criticalMs, emergency: Number.NEGATIVE_INFINITY };
    const exit = mapLevels(enter, (each) => each * exitPart);
    const trends = new Map<string, Trend>();

    /** When the straight growth of the last ten minutes meets the limit; null: it does not grow straight. */
    const straight = (process: ObservedProcess, limit: Limit, atMs: number): LeakForecast | null => {
      if (limit.headroomBytes === null || process.footprintBytes < limit.limitBytes * watchShare) {
        trends.delete(process.id);
        return null;
      }
      let trend = trends.get(process.id);
      if (trend === undefined) trends.set(process.id, (trend = createTrend({ everyMs: 30_000, points: 20 })));
      trend.push(atMs, process.footprintBytes);
      const line = trend.line();
      return line === null || line.riseBytes < minBytes || !isStraight(line) ? null : reach(line, limit);
    };

    return ({ atMs, processes }, { before }) => {
      const holds: Condition[] = [];
      const unknown: Unknown[] = [];
      forgetGone(trends, processes);
      for (const process of processes) {
        const { id, limit, leak } = process;
        if (limit === null || limit.kind === 'host-memory') continue;
        const seen = straight(process, limit, atMs);
        if (leak?.verdict === 'leaking') continue;
        const forecast = seen ?? (leak?.verdict === 'suspected' ? leak.forecast : null);
        const was = before(id);
        if (forecast === null) {
          if (was !== null && (leak === null || leak.verdict === 'insufficient-data') && !trends.has(id)) {
            unknown.push({ key: id, missing: null });
          }
          continue;
        }
        const leftMs = forecast.atMs - atMs;
        const level = milder(levelBelow(leftMs, enter, exit, was), worstOf(process));
        if (level === null) continue;
        holds.push({
          key: id,
          level,
          subject: processSubject(process),
          labels: processLabels(process),
          groupKey: processGroup(process),
          title: `A process reaches its own memory limit in ${timeText(leftMs)} at this pace.`,
          detail: `It holds ${sizeText(process.footprintBytes)} and grows. ${forecast.limitSource}`,
          evidence: [{ kind: 'forecast', detail: `most likely in ${timeText(leftMs)}` }],
          value: Math.max(0, leftMs),
          threshold: enter[level],
          unit: 'ms',
          forecast,
          next: nextCall('detect_leaks', id, 'how it grows'),
        });
      }
      return { holds, unknown };
    };
  },
});

function forgetGone(trends: Map<string, Trend>, processes: Observation['processes']): void {
  if (trends.size === 0) return;
  const alive = new Set<string>(processes.map(({ id }) => id));
  for (const id of trends.keys()) if (!alive.has(id)) trends.delete(id);
}
