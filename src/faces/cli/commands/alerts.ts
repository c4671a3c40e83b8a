import { ALERT_TYPES, type AlertQuery, type Rampart } from '../../../model/index.ts';
import { wholeNumber } from '../args.ts';
import { type CliContext, defineCommand } from '../command.ts';
import { EXIT, signalExit } from '../exit.ts';
import { alertChangeLine, alertLines } from '../present/alerts.ts';
import { line, span } from '../present/line.ts';
import { toJson } from '../present/safe.ts';
import { timeOfDay } from '../present/units.ts';
import { using } from '../session.ts';
import { listenForStop } from '../stop.ts';

export const alerts = defineCommand({
  about: [
    'What fires or is about to, worst first: by the rules of docs/alerts.md, judged by the running service. Each has an id for `rampart ack` and `rampart silence`.',
    'Silenced alerts, and those that are part of a wider one (a leak while the whole machine is full), are shown and marked; they call nobody.',
  ],
  args: {
    target: { type: 'positional', required: false, description: 'only of a session id, pid:startTime, server or host' },
    state: {
      type: 'enum',
      valueHint: 'STATE',
      options: ['active', 'firing', 'pending', 'resolved', 'all'],
      description: 'active (firing or pending), firing, pending, resolved (last 12 hours), all',
      default: 'active',
    },
    level: {
      type: 'enum',
      valueHint: 'LEVEL',
      options: ['warning', 'critical', 'emergency'],
      description: 'Only this level',
    },
    type: { type: 'enum', valueHint: 'TYPE', options: [...ALERT_TYPES], description: 'Only this type, such as leak' },
    limit: { type: 'string', alias: 'n', valueHint: 'N', description: 'At most so many, 1–200', default: '50' },
    verbose: { type: 'boolean', alias: 'v', description: 'With detail, evidence and what to do next' },
    watch: { type: 'boolean', alias: 'w', description: 'Then tell each change as it comes, until Ctrl-C' },
  },
  examples: [
    { line: 'rampart alerts', says: 'what fires?' },
    { line: 'rampart alerts --state all --verbose', says: 'what happened last night, with evidence' },
    { line: 'rampart alerts --watch', says: 'and what comes next' },
  ],
  json: 'the AlertReport: alerts[], silences[], counts, more, summary; with --watch then one event a line.',
  run: async (args, context) => {
    const query: AlertQuery = {
      state: args.state as AlertQuery['state'],
      level: args.level as AlertQuery['level'],
      type: args.type as AlertQuery['type'],
      subject: args.target?.replace(/^session:/, ''),
      limit: wholeNumber(args.limit, 'limit', 1, 200),
    };
    return using(context.deps.connect(), async (rampart) => {
      const report = await rampart.listAlerts(query);
      const { terminal, json } = context;
      if (json) terminal.printText(args.watch === true ? oneLine(report) : toJson(report));
      else
        terminal.print(
          alertLines(report, { width: terminal.width(), glyphs: terminal.glyphs, verbose: args.verbose === true }),
        );
      return args.watch === true ? watch(rampart, context) : EXIT.ok;
    });
  },
});

const oneLine = (value: unknown): string => toJson(value).replace(/\n\s*/g, ' ');

async function watch(rampart: Rampart, { terminal, json }: CliContext): Promise<number> {
  const stop = listenForStop();
  const unsubscribe = await rampart.subscribe((event) => {
    if (event.type !== 'alert') return;
    if (json) terminal.printText(oneLine(event));
    else {
      const text = alertChangeLine(event.change, event.alert);
      terminal.print([line(span(`${timeOfDay(event.atMs)}  `, 'dim'), text)]);
    }
  });
  try {
    const signal = await stop.wanted;
    return signal === null || signal === 'SIGINT' ? EXIT.ok : signalExit(signal);
  } finally {
    unsubscribe();
    stop.dispose();
  }
}
