import { type Matcher, RampartError, type SilenceOrder } from '../../../model/index.ts';
import { timeSpan, usage } from '../args.ts';
import { type CliContext, defineCommand } from '../command.ts';
import { EXIT } from '../exit.ts';
import { silenceLines } from '../present/alerts.ts';
import { line, span } from '../present/line.ts';
import { toJson } from '../present/safe.ts';
import { using } from '../session.ts';
import { whoami } from './ack.ts';

export const silence = defineCommand({
  about: [
    'Alerts that match all matchers call nobody until the time is over; they are still shown. MATCHER is label=value, or label=~pattern with a regular expression over the whole value (RE2: no look-around, no back-references). Labels: rule, type, subject, session, server, process, client, role, kind, …; `rampart alerts --json` shows those of an alert.',
    'Instead of matchers the id of an alert silences that one. Every silence ends, after 30 days at the latest, and has a reason.',
    'Without matchers it lists the silences.',
  ],
  args: {
    for: { type: 'string', valueHint: 'TIME', description: 'How long', default: '2h' },
    reason: { type: 'string', valueHint: 'TEXT', description: 'Why, for whoever finds it' },
    end: { type: 'string', valueHint: 'ID', description: 'End this silence now' },
    matchers: {
      type: 'positional',
      required: false,
      valueHint: 'MATCHER…',
      description: 'label=value or label=~pattern, in quotes several of them; or the id of an alert',
    },
  },
  examples: [
    { line: 'rampart silence server=browser --for 2h --reason "known leak, fix is on its way"', says: 'one server' },
    { line: "rampart silence 'type=leak session=~bbf1.*' --reason soak", says: 'leaks of some sessions' },
    { line: 'rampart silence 3f9a01bc --reason wanted', says: 'one alert' },
    { line: 'rampart silence', says: 'which are there' },
    { line: 'rampart silence --end 91c2d4e0', says: 'hear of it again' },
  ],
  json: '{schemaVersion, silence}, or {schemaVersion, silences[]} for the list.',
  run: async (args, context) => {
    if (args.end !== undefined) return end(args.end, context);
    if (args.matchers === undefined) return list(context);
    if (args.reason === undefined || args.reason.trim() === '') {
      throw usage('a silence needs a reason', 'silence', undefined, 'Say why: --reason "…".');
    }
    const forMs = timeSpan(args.for, 'for', 1000, 30 * 86_400_000);
    const order: SilenceOrder = { ...what(args.matchers), forMs, by: whoami(), reason: args.reason };
    const made = await using(context.deps.connect(), (rampart) => rampart.silenceAlerts(order));
    const { terminal, json } = context;
    if (json) terminal.printText(toJson({ schemaVersion: 1, silence: made }));
    else terminal.print([line(span('Silenced:', 'strong')), ...silenceLines([made], made.startsAtMs)]);
    return EXIT.ok;
  },
});

function what(text: string): Pick<SilenceOrder, 'matchers' | 'alert'> {
  const words = text.trim().split(/\s+/);
  if (words.length === 1 && /^[0-9a-f]{6,16}$/.test(words[0] ?? '')) return { alert: words[0] };
  return { matchers: words.map(matcher) };
}

function matcher(text: string): Matcher {
  const match = /^([a-z_]+)(=~|=)(.*)$/.exec(text);
  if (match === null) {
    throw new RampartError(
      'bad-input',
      `'${text}' is no matcher`,
      'Write label=value or label=~pattern, such as server=browser.',
    );
  }
  return { label: match[1] ?? '', value: match[3] ?? '', isRegex: match[2] === '=~' };
}

async function list({ deps, terminal, json }: CliContext): Promise<number> {
  const report = await using(deps.connect(), (rampart) => rampart.listAlerts({ limit: 1 }));
  if (json) terminal.printText(toJson({ schemaVersion: 1, silences: report.silences }));
  else terminal.print(silenceLines(report.silences, report.atMs));
  return EXIT.ok;
}

async function end(id: string, { deps, terminal, json }: CliContext): Promise<number> {
  const ended = await using(deps.connect(), (rampart) => rampart.endSilence(id));
  if (json) terminal.printText(toJson({ schemaVersion: 1, silence: ended }));
  else terminal.print([line('Ended: it is told of again.')]);
  return EXIT.ok;
}
