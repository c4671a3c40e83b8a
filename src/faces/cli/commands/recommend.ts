import { RampartError, RECOMMENDATION_TYPES, type RecommendationType } from '../../../model/index.ts';
import { wholeNumber } from '../args.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit.ts';
import { adviceLines } from '../present/advice.ts';
import { toJson } from '../present/safe.ts';
import { using } from '../session.ts';

export const recommend = defineCommand({
  about: [
    'What to do about memory now, best first: what it saves and how sure that is, its risk, why, and the command that does it. TARGET is a session id or a process as pid:startTime; without one, all of the machine.',
    'What an action saves is learned from its measured outcomes; before the first it is said to be unknown. docs/advice.md lists the causes.',
  ],
  args: {
    target: { type: 'positional', required: false, description: 'a session id or pid:startTime' },
    type: { type: 'string', valueHint: 'TYPE', description: `Only one kind: ${RECOMMENDATION_TYPES.join(', ')}` },
    limit: { type: 'string', valueHint: 'N', description: 'At most so many', default: '10' },
  },
  examples: [
    { line: 'rampart recommend', says: 'what would help?' },
    { line: 'rampart recommend --type wrapper-tax', says: 'what npx costs, and the entry that saves it' },
    { line: 'rampart recommend 4242:1234567 --json', says: 'for one process, for scripts' },
  ],
  json: 'the AdviceReport: recommendations[] {id, type, priority, urgency, title, reason, actions[], estimatedMemorySavings, rankBytes}.',
  run: async (args, { deps, terminal, json }) => {
    const query = {
      target: args.target,
      type: typeOf(args.type),
      limit: wholeNumber(args.limit, 'limit', 1, 100) ?? undefined,
    };
    const report = await using(deps.connect(), (rampart) => rampart.recommend(query));
    if (json) terminal.printText(toJson(report));
    else terminal.print(adviceLines(report, { width: terminal.width(), glyphs: terminal.glyphs }));
    return EXIT.ok;
  },
});

function typeOf(text: string | undefined): RecommendationType | undefined {
  if (text === undefined) return undefined;
  const type = RECOMMENDATION_TYPES.find((one) => one === text);
  if (type !== undefined) return type;
  throw new RampartError('bad-input', `--type is '${text}'`, `Valid: ${RECOMMENDATION_TYPES.join(', ')}.`);
}
