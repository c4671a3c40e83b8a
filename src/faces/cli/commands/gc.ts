import { carryOut, DRY_ARGS, JSON_FORM } from '../acting.ts';
import { defineCommand } from '../command.ts';

export const gc = defineCommand({
  about: [
    'Asks a running Node process for a full collection, through its own inspector, which is open for less than a second. It is refused where it could do harm: see docs/actions.md. Afterwards it says what that changed, beside what would have happened anyway.',
    'Exit codes: 0 done; 1 not done after all; 77 refused.',
  ],
  args: {
    target: { type: 'positional', required: true, description: 'a pid, pid:startTime, or a session id' },
    compact: { type: 'boolean', description: 'Collect several times, so that V8 gives pages back' },
    ...DRY_ARGS,
  },
  examples: [
    { line: 'rampart gc 4242', says: 'collect now, and tell what it freed' },
    { line: 'rampart gc 4242 --dry-run', says: 'can it be asked?' },
  ],
  json: JSON_FORM,
  run: (args, context) => {
    const action = args.compact === true ? ('compact_heap' as const) : ('force_gc' as const);
    const go = args['dry-run'] !== true;
    return carryOut({ requests: [{ action, target: args.target }], go, how: 'Do it: leave --dry-run out' }, context);
  },
});
