import { defineRule } from '../define-rule.ts';
import { createGrowers, type Growers } from '../growers.ts';
import { HOST, HOST_GROUP } from '../labels.ts';
import { levelBelow, mapLevels } from '../levels.ts';
import { nextCall } from '../next-call.ts';
import { sizeText, timeText } from '../../wording/index.ts';

const MINUTE = 60_000;

export const hostExhaustion = defineRule({
  name: 'host-exhaustion',
  type: 'exhaustion-forecast',
  title: 'When does the machine run out, at the pace of now?',
  about:
    'Time until the straight growth of all memory in use reaches the limit that binds. Whoever grows: many small growths exhaust a machine as one leak does. Saw-teeth, steps and growth that slows down give no forecast. It names the processes that took a quarter of the growth and more, whatever the leak detectors think of them.',
  scope: 'all',
  forMs: { warning: 5 * MINUTE, critical: MINUTE, emergency: 10_000 },
  keepFiringForMs: 10 * MINUTE,
  timing:
    'a line through at least seven minutes has been seen already; who fills the machine may be found meanwhile, and is then told instead',
  warmUpMs: 10 * MINUTE,
  options: {
    warningMs: { value: 60 * MINUTE, unit: 'ms', reason: 'time to finish what runs and end a session in order' },
    criticalMs: { value: 20 * MINUTE, unit: 'ms', reason: 'one coffee break: somebody must look now' },
    emergencyMs: { value: 5 * MINUTE, unit: 'ms', reason: 'less than a restart of a few sessions takes' },
    exitPart: { value: 1.5, unit: 'share', reason: 'so much more time than its threshold ends a level: rates wander' },
  },
  start: ({ warningMs, criticalMs, emergencyMs, exitPart }) => {
    const enter = { warning: warningMs, critical: criticalMs, emergency: emergencyMs };
    const exit = mapLevels(enter, (each) => each * exitPart);
    const growers = createGrowers();
    return (observation, { before }) => {
      const { atMs, hostForecast } = observation;
      growers.push(observation);
      if (hostForecast === null) return { holds: [], unknown: [] };
      const leftMs = hostForecast.atMs - atMs;
      const level = levelBelow(leftMs, enter, exit, before('host'));
      if (level === null) return { holds: [], unknown: [] };
      const who = whoGrows(growers, atMs);
      const slow = hostForecast.latestMs === null ? 'never' : timeText(hostForecast.latestMs - atMs);
      return {
        unknown: [],
        holds: [
          {
            key: 'host',
            level,
            subject: HOST,
            labels: {},
            groupKey: HOST_GROUP,
            title: `The machine runs out of memory in ${timeText(leftMs)} at this pace.`,
            detail: `The limit of ${sizeText(hostForecast.limitBytes)} is reached between ${timeText(hostForecast.earliestMs - atMs)} and ${slow} from now. ${hostForecast.limitSource}${who.length === 0 ? '' : ` ${who.join(' ')}`}`,
            evidence: [
              { kind: 'forecast', detail: `most likely in ${timeText(leftMs)}` },
              ...who.map((detail) => ({ kind: 'grower', detail })),
            ],
            value: Math.max(0, leftMs),
            threshold: enter[level],
            unit: 'ms',
            forecast: hostForecast,
            next: [
              ...nextCall('detect_leaks', null, 'what grows'),
              ...nextCall('get_recommendations', null, 'what to do about it'),
            ],
          },
        ],
      };
    };
  },
});

/** Sentences; names are others' text, so a process is its pid. */
function whoGrows(growers: Growers, atMs: number): string[] {
  const top = growers.top();
  if (top === null) return [];
  const within = timeText(atMs - top.sinceMs);
  if (top.growers.length === 0) return [`No process has a quarter of the growth of the last ${within}.`];
  return top.growers.map(
    ({ process, gainedBytes }) =>
      `Process ${process.pid}${process.sessionId === null ? '' : ' (of a session)'} took ${sizeText(gainedBytes)} in the last ${within}.`,
  );
}
