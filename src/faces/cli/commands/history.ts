import {
  type Metric,
  METRICS,
  type MetricsAnswer,
  type MetricsQuery,
  type Rampart,
  RampartError,
} from '../../../model/index.ts';
import { nearest } from '../../../config/nearest.ts';
import { timeSpan, wholeNumber } from '../args.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit.ts';
import { historyLines } from '../present/history.ts';
import { toJson } from '../present/safe.ts';
import { using } from '../session.ts';

const DAY_MS = 86_400_000;

export const history = defineCommand({
  about: [
    'Draws a figure over time from the history of the running service. SUBJECT is host, rampart, session:ID, or a process as pid:startTime (its id in `status --json`).',
    'Metrics: memoryAvailableBytes, swapUsedBytes, pressureSomePercent, pressureFullPercent and processCount of the host; rssBytes, anonBytes, pssBytes, swapBytes and cpuMs of processes and sessions.',
  ],
  args: {
    subject: {
      type: 'positional',
      required: false,
      description: 'host, rampart, session:ID or pid:startTime',
      default: 'host',
    },
    metric: {
      type: 'string',
      alias: 'm',
      valueHint: 'NAME',
      description: 'What to draw; by default what the subject is about',
    },
    since: { type: 'string', alias: 's', valueHint: 'TIME', description: 'How far back', default: '1h' },
    points: { type: 'string', valueHint: 'N', description: 'Most points of --json', default: '200' },
  },
  examples: [
    { line: 'rampart history', says: 'available memory of the last hour' },
    {
      line: 'rampart history session:3f9a2c11-7b1e-4a55-9d0e-0c5d3a8f1b22 --since 1d',
      says: 'a session since yesterday',
    },
    { line: 'rampart history 4242:1234567 --metric rssBytes --json', says: 'a process, for scripts' },
  ],
  json: '{schemaVersion, fromMs, toMs, answer {subject, metric, stepMs, buckets[] {tMs, min, mean, max, count}, heldFromMs, heldToMs}}.',
  run: async (args, { deps, terminal, json }) => {
    const metric = metricOf(args.metric, args.subject);
    const toMs = deps.clock.nowMs();
    const sinceMs = toMs - timeSpan(args.since, 'since', 1000, 3650 * DAY_MS);
    const maxPoints = json ? (wholeNumber(args.points, 'points', 1, 2000) ?? 200) : Math.min(2000, terminal.width());
    const { answer, fromMs } = await using(deps.connect(), (rampart) =>
      ask(rampart, { subject: args.subject, metric, fromMs: sinceMs, toMs, maxPoints }),
    );
    if (json) terminal.printText(toJson({ schemaVersion: 1, fromMs, toMs, answer }));
    else terminal.print(historyLines({ answer, fromMs, toMs }, { width: terminal.width(), glyphs: terminal.glyphs }));
    return EXIT.ok;
  },
});

/** A history that began later than the asked time is drawn from its beginning, not as a stub at the right edge. */
async function ask(rampart: Rampart, query: MetricsQuery): Promise<{ answer: MetricsAnswer; fromMs: number }> {
  const answer = await rampart.queryMetrics(query);
  const heldFromMs = answer.heldFromMs ?? query.fromMs;
  if (heldFromMs <= query.fromMs || heldFromMs >= query.toMs) return { answer, fromMs: query.fromMs };
  return { answer: await rampart.queryMetrics({ ...query, fromMs: heldFromMs }), fromMs: heldFromMs };
}

function metricOf(name: string | undefined, subject: string): Metric {
  if (name === undefined)
    return subject === 'host' ? 'memoryAvailableBytes' : subject.startsWith('session:') ? 'pssBytes' : 'rssBytes';
  const metric = METRICS.find((known) => known === name);
  if (metric !== undefined) return metric;
  const close = nearest(name, METRICS);
  throw new RampartError(
    'bad-input',
    `unknown metric '${name}'`,
    close === null ? `There are: ${METRICS.join(', ')}.` : `Did you mean ${close}?`,
  );
}
