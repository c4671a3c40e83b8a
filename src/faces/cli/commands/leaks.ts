import { RampartError, type LeakQuery } from '../../../model/index.ts';
import { timeSpan, wholeNumber } from '../args.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit.ts';
import { leakLines } from '../present/leaks.ts';
import { toJson } from '../present/safe.ts';
import { using } from '../session.ts';

const MINUTE_MS = 60_000;
const MAX_WINDOW_MS = 3650 * 24 * 60 * MINUTE_MS;

export const leaks = defineCommand({
  about: [
    'What the leak detectors of the running service say: which processes leak, how fast, of what kind, since when, and when the limit is reached. TARGET is a session id or a process as pid:startTime; without one, everything that is watched.',
    'A leak shows over hours: right after the start of the service most processes are too young for a verdict.',
  ],
  args: {
    target: { type: 'positional', required: false, description: 'a session id or pid:startTime' },
    window: { type: 'string', alias: 'w', valueHint: 'TIME', description: 'Judge one process by this much history' },
    'min-score': {
      type: 'string',
      valueHint: '0..1',
      description: 'Only findings at least this sure; default: suspects',
    },
    limit: { type: 'string', valueHint: 'N', description: 'At most so many', default: '20' },
  },
  examples: [
    { line: 'rampart leaks', says: 'is anything leaking?' },
    { line: 'rampart leaks 4242:1234567 --window 6h', says: 'one process, by its last six hours' },
    { line: 'rampart leaks --min-score 0 --json', says: 'every verdict, for scripts' },
  ],
  json: 'the LeakReport: watched, tooYoung, findings[] {process, verdict, score, finding, forecast}.',
  run: async (args, { deps, terminal, json }) => {
    const query: LeakQuery = {
      target: args.target,
      windowMs: args.window === undefined ? undefined : timeSpan(args.window, 'window', MINUTE_MS, MAX_WINDOW_MS),
      minScore: args['min-score'] === undefined ? undefined : share(args['min-score']),
      limit: wholeNumber(args.limit, 'limit', 1, 100) ?? undefined,
    };
    const report = await using(deps.connect(), (rampart) => rampart.detectLeaks(query));
    if (json) terminal.printText(toJson(report));
    else terminal.print(leakLines(report, { width: terminal.width(), glyphs: terminal.glyphs }));
    return EXIT.ok;
  },
});

function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new RampartError('bad-input', `--min-score is '${text}'`, 'Valid: 0 to 1, a probability.');
}
