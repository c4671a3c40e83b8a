import { defineRule } from '../define-rule.ts';
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
    'Time until the straight growth of all memory in use reaches the limit that binds. Whoever grows: many small growths exhaust a machine as one leak does. Saw-teeth, steps and growth that slows down give no forecast.',
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
    return ({ atMs, hostForecast }, { before }) => {
      if (hostForecast === null) return { holds: [], unknown: [] };
      const leftMs = hostForecast.atMs - atMs;
      const level = levelBelow(leftMs, enter, exit, before('host'));
      if (level === null) return { holds: [], unknown: [] };
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
            detail: `The limit of ${sizeText(hostForecast.limitBytes)} is reached between ${timeText(hostForecast.earliestMs - atMs)} and ${slow} from now. ${hostForecast.limitSource}`,
            evidence: [{ kind: 'forecast', detail: `most likely in ${timeText(leftMs)}` }],
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
