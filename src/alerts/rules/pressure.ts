import { defineRule } from '../define-rule.ts';
import { HOST, PRESSURE_GROUP } from '../labels.ts';
import { levelAbove } from '../levels.ts';
import { nextCall } from '../next-call.ts';

const MINUTE = 60_000;

export const pressure = defineRule({
  name: 'pressure',
  type: 'pressure',
  title: 'Does everything wait for memory?',
  about:
    "PSI `full` of the last 10 s: the share of time in which no task could run because all waited for memory. It tells of thrashing that no level of use shows. 'some' is left to the rule `stall`.",
  scope: 'host',
  forMs: { warning: 30_000, critical: 20_000, emergency: 10_000 },
  keepFiringForMs: 5 * MINUTE,
  timing:
    'avg10 looks back 10 s by itself; systemd-oomd waits for 30 s before it kills, so an emergency comes before that',
  options: {
    warning: { value: 10, unit: 'percent', reason: 'work is visibly held up at a tenth of the time' },
    critical: { value: 30, unit: 'percent', reason: 'a third of all time is lost' },
    emergency: { value: 60, unit: 'percent', reason: 'systemd-oomd kills at 60 % over 30 s' },
    exitPart: { value: 0.5, unit: 'share', reason: 'of its threshold: avg10 swings by as much under steady load' },
  },
  start: ({ exitPart, ...enter }) => {
    const exit = {
      warning: enter.warning * exitPart,
      critical: enter.critical * exitPart,
      emergency: enter.emergency * exitPart,
    };
    let wasKnown = false;
    return ({ host }, { before }) => {
      if (host.pressure === null) {
        // A kernel without PSI never had it, and lacks nothing.
        const unknown = [{ key: 'host', missing: wasKnown ? 'memory pressure (PSI)' : null }];
        return { holds: [], unknown };
      }
      wasKnown = true;
      const { fullAvg10Percent: full, someAvg10Percent: some } = host.pressure;
      const level = levelAbove(full, enter, exit, before('host'));
      if (level === null) return { holds: [], unknown: [] };
      return {
        unknown: [],
        holds: [
          {
            key: 'host',
            level,
            subject: HOST,
            labels: {},
            groupKey: PRESSURE_GROUP,
            title: `All tasks waited for memory in ${Math.round(full)} % of the last 10 s.`,
            detail: `The machine is thrashing: some task waited in ${Math.round(some)} % of the last 10 s, all of them in ${Math.round(full)} %.`,
            evidence: [{ kind: 'psi-full', detail: `full avg10 is ${full} %` }],
            value: full,
            threshold: enter[level],
            unit: 'percent',
            forecast: null,
            next: nextCall('memory_status', null, 'which sessions use most'),
          },
        ],
      };
    };
  },
});
