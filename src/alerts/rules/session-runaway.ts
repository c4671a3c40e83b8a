import type { Observation, ObservedProcess } from '../../model/index.ts';
import { defineRule, type Condition, type Unknown } from '../define-rule.ts';
import { sessionGroup, sessionLabels, sessionSubject } from '../labels.ts';
import { levelBelow, mapLevels } from '../levels.ts';
import { createTrend, isStraight, type Line, type Trend } from '../trend.ts';
import { nextCall } from '../next-call.ts';
import { countText, sizeText, timeText } from '../../wording/index.ts';

const MINUTE = 60_000;
const MIB = 1024 * 1024;
const HOUR = 60 * MINUTE;

export const sessionRunaway = defineRule({
  name: 'session-runaway',
  type: 'session-growth',
  title: 'Does a session eat up the machine within the hour?',
  about:
    'Straight growth of the whole tree over the last ten minutes, extended to the headroom of the machine. It is for what the leak detectors are too slow for: 100 GiB within an hour, by one process or by ever more of them. The first minutes of a session do not count: a rate needs a warm-up (sessions "grow by 200 GiB an hour" right after their start).',
  scope: 'all',
  forMs: { warning: 2 * MINUTE, critical: 30_000, emergency: 10_000 },
  keepFiringForMs: 15 * MINUTE,
  timing: 'seven minutes of a straight line have been seen already',
  warmUpMs: 10 * MINUTE,
  options: {
    warningMs: { value: HOUR, unit: 'ms', reason: 'time left to end it in order' },
    criticalMs: { value: 20 * MINUTE, unit: 'ms', reason: 'somebody must look now' },
    emergencyMs: { value: 5 * MINUTE, unit: 'ms', reason: 'less than it takes to look' },
    exitPart: { value: 1.5, unit: 'share', reason: 'rates wander' },
    minAgeMs: { value: 5 * MINUTE, unit: 'ms', reason: 'loading and first use are over by then' },
    minBytes: { value: 256 * MIB, unit: 'bytes', reason: 'more than a server, a shell and their caches take to start' },
    minShare: { value: 0.02, unit: 'share', reason: "of the machine's limit within the window" },
  },
  start: ({ warningMs, criticalMs, emergencyMs, exitPart, minAgeMs, minBytes, minShare }) => {
    const enter = { warning: warningMs, critical: criticalMs, emergency: emergencyMs };
    const exit = mapLevels(enter, (each) => each * exitPart);
    const trends = new Map<string, Trend>();
    return (observation, { before }) => {
      const { atMs, limit, sessions, hostForecast } = observation;
      const holds: Condition[] = [];
      const unknown: Unknown[] = [];
      const totals = sessionTotals(observation);
      for (const id of trends.keys()) if (!totals.has(id)) trends.delete(id);
      for (const session of sessions) {
        const key = session.sessionId;
        if (session.startedAtMs !== null && atMs - session.startedAtMs < minAgeMs) continue;
        let trend = trends.get(key);
        if (trend === undefined) trends.set(key, (trend = createTrend({ everyMs: 30_000, points: 20 })));
        trend.push(atMs, totals.get(key) ?? 0);
        const was = before(key);
        const line = trend.line();
        if (line === null || limit.headroomBytes === null) {
          if (was !== null) unknown.push({ key, missing: null });
          continue;
        }
        const least = Math.max(minBytes, limit.limitBytes * minShare);
        if (line.riseBytes < least || !isStraight(line)) continue;
        const ownMs = timeLeft(line, limit.headroomBytes);
        // Others grow too: the machine may be full before this session alone would have filled it.
        const leftMs = Math.min(ownMs, hostForecast === null ? ownMs : Math.max(ownMs / 2, hostForecast.atMs - atMs));
        const level = levelBelow(leftMs, enter, exit, was);
        if (level === null) continue;
        holds.push({
          key,
          level,
          subject: sessionSubject(session),
          labels: sessionLabels(session),
          groupKey: sessionGroup(key),
          title: `A session grew by ${sizeText(line.riseBytes)} in ${timeText(line.atMs - line.sinceMs)}; at this pace the machine is full in ${timeText(leftMs)}.`,
          detail: `Its ${countText(session.processes.length, 'process', 'processes')} hold ${sizeText(totals.get(key) ?? 0)}; the machine has ${sizeText(limit.headroomBytes)} left.`,
          evidence: [
            { kind: 'straight-growth', detail: `${sizeText(line.ratePerHourBytes)} an hour, along a straight line` },
          ],
          value: line.ratePerHourBytes,
          threshold: null,
          unit: 'bytes-per-hour',
          forecast: null,
          next: [
            ...nextCall('memory_status', key, 'its processes'),
            ...nextCall('get_recommendations', key, 'what to do about it'),
          ],
        });
      }
      return { holds, unknown };
    };
  },
});

const timeLeft = ({ ratePerHourBytes }: Line, headroomBytes: number): number =>
  (headroomBytes / ratePerHourBytes) * HOUR;

/**
 * One sum for all: PSS + swap where it was read, else RSS. `totalBytes` is null until the last new process was read, and
 * the sum of RSS counts shared pages often: changing between the two would look like growth.
 */
function sessionTotals({ processes, sessions }: Observation): ReadonlyMap<string, number> {
  const totals = new Map<string, number>(sessions.map(({ sessionId }) => [sessionId, 0]));
  const add = ({ sessionId, footprintBytes }: ObservedProcess): void => {
    const sum = sessionId === null ? undefined : totals.get(sessionId);
    if (sessionId !== null && sum !== undefined) totals.set(sessionId, sum + footprintBytes);
  };
  for (const process of processes) add(process);
  return totals;
}
