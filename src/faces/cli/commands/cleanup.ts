import { RampartError } from '../../../model/index.ts';
import { timeSpan } from '../args.ts';
import { carryOut, GO_ARGS, JSON_FORM, parametersOf } from '../acting.ts';
import { defineCommand } from '../command.ts';

const GROUPS = ['orphans', 'duplicates', 'retained'] as const;
const NONE = { orphans: 'no orphan', duplicates: 'no duplicate', retained: 'nothing is retained' } as const;
const LONGEST_GRACE_MS = 10 * 60_000;

export const cleanup = defineCommand({
  about: [
    'Ends what agents left behind: servers whose client is gone (orphans) and copies that nobody is connected to (duplicates), each with its wrappers and what hangs below it. Without --yes it only shows what would happen, with the evidence for each process, and touches nothing.',
    'Evidence and identity are checked again right before each signal: what has a client, listens, or works at that moment stays. SIGTERM comes first, SIGKILL after the grace. What is finished but alive (retained) is ended only with --only retained, and what a tool left running only by name: rampart act reap PID.',
    'Exit codes: 0 done, or nothing to do, or only shown; 1 something was left although it was planned; 77 refused.',
  ],
  args: {
    ...GO_ARGS,
    only: { type: 'string', valueHint: 'KIND', description: 'orphans, duplicates or retained; default: the first two' },
    grace: { type: 'string', valueHint: 'TIME', description: 'Time between SIGTERM and SIGKILL; default 5s' },
  },
  examples: [
    { line: 'rampart cleanup', says: 'what could go, and why' },
    { line: 'rampart cleanup --yes', says: 'end it' },
    { line: 'rampart cleanup --only orphans --yes --json', says: 'for scripts' },
  ],
  json: JSON_FORM,
  run: (args, context) => {
    const graceMs = args.grace === undefined ? undefined : timeSpan(args.grace, 'grace', 0, LONGEST_GRACE_MS);
    const parameters = parametersOf({ graceMs });
    const groups = groupsOf(args.only);
    const requests = groups.map((target) => ({ action: 'reap' as const, target, parameters }));
    const nothing = `Nothing to end: ${groups.map((group) => NONE[group]).join(', and ')}.`;
    return carryOut({ requests, go: args.yes === true, how: 'Do it: rampart cleanup --yes', nothing }, context);
  },
});

function groupsOf(only: string | undefined): readonly (typeof GROUPS)[number][] {
  if (only === undefined) return ['orphans', 'duplicates'];
  const group = GROUPS.find((name) => name === only);
  if (group !== undefined) return [group];
  throw new RampartError('bad-input', `--only is '${only}'`, `Valid: ${GROUPS.join(', ')}.`);
}
