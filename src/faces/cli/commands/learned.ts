import { ACTION_NAMES, RampartError, type ActionName } from '../../../model/index.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit.ts';
import { learnedLines } from '../present/learned.ts';
import { toJson } from '../present/safe.ts';
import { count } from '../present/units.ts';
import { using } from '../session.ts';

export const learned = defineCommand({
  about: [
    'What was learned from outcomes: how much each action saves on each kind of finding of each role, with its 80 % interval, its chance to help and to harm, and what that rests on; and what is usual for each role.',
    'What was learned fades: an outcome counts half after a month. --reset forgets it at once.',
  ],
  args: {
    role: { type: 'string', valueHint: 'NAME', description: 'Only this role, as the list names it' },
    action: { type: 'string', valueHint: 'ACTION', description: `Only one action: ${ACTION_NAMES.join(', ')}` },
    reset: { type: 'boolean', description: 'Forget it; with --role or --action only that' },
  },
  examples: [
    { line: 'rampart learned', says: 'what helped so far' },
    { line: 'rampart learned --action force_gc', says: 'whether collecting garbage is worth it' },
    { line: 'rampart learned --role @acme/mcp --reset', says: 'after an update of that server' },
  ],
  json: 'the LearnedReport: effects[], thresholds[], automations {lastHour, limit, enabled}; with --reset {forgotten}.',
  run: async (args, { deps, terminal, json }) => {
    const query = { role: args.role, action: actionOf(args.action) };
    return using(deps.connect(), async (rampart) => {
      if (args.reset === true) {
        const answer = await rampart.forgetLearned(query);
        terminal.printText(json ? toJson(answer) : `Forgotten: ${count(answer.forgotten, 'estimate')}.`);
        return EXIT.ok;
      }
      const report = await rampart.learned(query);
      if (json) terminal.printText(toJson(report));
      else terminal.print(learnedLines(report, { width: terminal.width() }));
      return EXIT.ok;
    });
  },
});

function actionOf(text: string | undefined): ActionName | undefined {
  if (text === undefined) return undefined;
  const action = ACTION_NAMES.find((one) => one === text);
  if (action !== undefined) return action;
  throw new RampartError('bad-input', `--action is '${text}'`, `Valid: ${ACTION_NAMES.join(', ')}.`);
}
