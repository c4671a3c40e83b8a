import type { Observation } from '../../model/index.ts';
import { defineRule, type Verdicts } from '../define-rule.ts';
import { HOST, PRESSURE_GROUP } from '../labels.ts';
import { levelAbove, mapLevels } from '../levels.ts';
import { nextCall } from '../next-call.ts';

const MINUTE = 60_000;

interface Mark {
  readonly atMs: number;
  readonly someUs: number | null;
  readonly taken: number;
  readonly skipped: number;
}

export const stall = defineRule({
  name: 'stall',
  type: 'performance',
  title: 'Is the swarm slowed down by memory, or the machine stalled?',
  about:
    'Two exact counts over five minutes: the share of time in which at least one task waited for memory (PSI `some`, from its total), and the share of our own looks that came too late. The first is work lost to reclaim and swapping before anything is exhausted; the second is a machine on which even a process of 0.3 % of a core does not get its turn.',
  scope: 'host',
  forMs: { warning: 2 * MINUTE, critical: MINUTE, emergency: MINUTE },
  keepFiringForMs: 10 * MINUTE,
  timing: 'the window is five minutes long already; slowness is worth a message when it lasts',
  warmUpMs: 5 * MINUTE,
  options: {
    windowMs: { value: 5 * MINUTE, unit: 'ms', reason: 'longer than any single build step, shorter than patience' },
    warning: { value: 20, unit: 'percent', reason: 'a fifth of the time some agent waits: turns get visibly slower' },
    critical: { value: 50, unit: 'percent', reason: 'half of the time' },
    exitPart: { value: 0.5, unit: 'share', reason: 'of its threshold' },
    latePercent: { value: 50, unit: 'percent', reason: 'every second look late; a busy but sound machine skips none' },
  },
  start: ({ windowMs, warning, critical, exitPart, latePercent }) => {
    const enter = { warning, critical, emergency: Number.POSITIVE_INFINITY };
    const exit = mapLevels(enter, (each) => each * exitPart);
    const late = { warning: latePercent, critical: Number.POSITIVE_INFINITY, emergency: Number.POSITIVE_INFINITY };
    const lateExit = mapLevels(late, (each) => each * exitPart);
    let marks: Mark[] = [];

    const note = ({ atMs, host, looks }: Observation): Mark | null => {
      const last = marks.at(-1);
      if (last !== undefined && (atMs < last.atMs || looks.taken < last.taken)) marks = [];
      const mark = { atMs, someUs: host.pressure?.someTotalUs ?? null, ...looks };
      const previous = marks.at(-1);
      // One mark in ten seconds is enough, and bounds the window at thirty.
      if (previous === undefined || atMs - previous.atMs >= 10_000) marks.push(mark);
      while ((marks[1]?.atMs ?? Number.POSITIVE_INFINITY) <= atMs - windowMs) marks.shift();
      const first = marks[0];
      return first !== undefined && atMs - first.atMs >= windowMs * 0.8 ? first : null;
    };

    return (observation, { before }): Verdicts => {
      const from = note(observation);
      if (from === null)
        return {
          holds: [],
          unknown: [
            { key: 'memory', missing: null },
            { key: 'looks', missing: null },
          ],
        };
      const spanMs = observation.atMs - from.atMs;
      const someUs = observation.host.pressure?.someTotalUs ?? null;
      const waited = someUs === null || from.someUs === null ? null : (someUs - from.someUs) / (spanMs * 10);
      const taken = observation.looks.taken - from.taken;
      const skipped = observation.looks.skipped - from.skipped;
      const missed = taken + skipped > 0 ? (skipped / (taken + skipped)) * 100 : 0;
      const common = { subject: HOST, groupKey: PRESSURE_GROUP, unit: 'percent', forecast: null } as const;
      const waitLevel = waited === null ? null : levelAbove(waited, enter, exit, before('memory'));
      const lateLevel = levelAbove(missed, late, lateExit, before('looks'));
      return {
        unknown: waited === null ? [{ key: 'memory', missing: null }] : [],
        holds: [
          ...(waitLevel === null || waited === null
            ? []
            : [
                {
                  ...common,
                  key: 'memory',
                  level: waitLevel,
                  labels: { cause: 'memory' },
                  title: `Tasks waited for memory in ${Math.round(waited)} % of the last ${Math.round(spanMs / MINUTE)} min.`,
                  detail:
                    'Memory is reclaimed or swapped while work waits: agents get slower although nothing is exhausted.',
                  evidence: [{ kind: 'psi-some', detail: `some stalled ${waited.toFixed(1)} % of the window` }],
                  value: waited,
                  threshold: enter[waitLevel],
                  next: nextCall('memory_status', null, 'which sessions use most'),
                },
              ]),
          ...(lateLevel === null
            ? []
            : [
                {
                  ...common,
                  key: 'looks',
                  level: lateLevel,
                  labels: { cause: 'looks' },
                  title: `Every ${missed >= 99 ? '' : 'second '}look came too late: the machine is stalled.`.replace(
                    '  ',
                    ' ',
                  ),
                  detail: `${Math.round(missed)} % of Rampart's looks of the last ${Math.round(spanMs / MINUTE)} min were late and left out; figures are older than they seem.`,
                  evidence: [{ kind: 'late-looks', detail: `${skipped} of ${taken + skipped} looks were skipped` }],
                  value: missed,
                  threshold: latePercent,
                  next: ['rampart doctor: what Rampart itself costs'],
                },
              ]),
        ],
      };
    };
  },
});
