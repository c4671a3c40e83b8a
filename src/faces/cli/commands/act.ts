import { ACTION_NAMES, RampartError, type ActionName } from '../../../model/index.ts';
import { byteSize, timeSpan, wholeNumber } from '../args.ts';
import { carryOut, GO_ARGS, JSON_FORM, parametersOf } from '../acting.ts';
import { defineCommand } from '../command.ts';

const LONGEST_GRACE_MS = 10 * 60_000;

export const act = defineCommand({
  about: [
    `Any action on one process or session. ACTION is one of ${ACTION_NAMES.join(', ')}; docs/actions.md says what each does, needs and risks. Without --yes it only shows what would happen.`,
    'Exit codes: 0 done, or nothing to do, or only shown; 1 something was left although it was planned; 77 refused.',
  ],
  args: {
    action: { type: 'positional', required: true, description: 'the name of an action' },
    target: { type: 'positional', required: true, description: 'a pid, pid:startTime, or a session id' },
    ...GO_ARGS,
    bytes: { type: 'string', valueHint: 'SIZE', description: 'reclaim: how much' },
    score: { type: 'string', valueHint: 'N', description: 'deprioritise: oom_score_adj; default 500' },
    grace: { type: 'string', valueHint: 'TIME', description: 'reap, emergency_shutdown: time before SIGKILL' },
    cache: { type: 'string', valueHint: 'NAME', description: 'clear_caches: only this one' },
  },
  examples: [
    { line: 'rampart act suspend 4242 --yes', says: 'stop it where it is' },
    { line: 'rampart act resume 4242 --yes', says: 'let it go on' },
    { line: 'rampart act deprioritise 4242 --yes', says: 'the kernel takes it first when memory runs out' },
    { line: 'rampart act reap 4242', says: 'what speaks for ending it' },
  ],
  json: JSON_FORM,
  run: (args, context) => {
    const parameters = parametersOf({
      bytes: args.bytes === undefined ? undefined : byteSize(args.bytes, 'bytes'),
      oomScoreAdj: wholeNumber(args.score, 'score', -1000, 1000),
      graceMs: args.grace === undefined ? undefined : timeSpan(args.grace, 'grace', 0, LONGEST_GRACE_MS),
      cache: args.cache,
    });
    const requests = [{ action: actionName(args.action), target: args.target, parameters }];
    return carryOut({ requests, go: args.yes === true, how: 'Do it: the same with --yes' }, context);
  },
});

function actionName(text: string): ActionName {
  const name = ACTION_NAMES.find((each) => each === text.replaceAll('-', '_'));
  if (name !== undefined) return name;
  throw new RampartError('bad-input', `there is no action '${text}'`, `Valid: ${ACTION_NAMES.join(', ')}.`);
}
