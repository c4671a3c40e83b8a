import { byteSize, usage } from '../args.ts';
import { carryOut, DRY_ARGS, JSON_FORM, parametersOf } from '../acting.ts';
import { defineCommand } from '../command.ts';

export const limit = defineCommand({
  about: [
    'Caps the memory of a running process by cgroup v2: above --max the kernel ends it, above --high it is slowed down and reclaimed. The cap is read back from the kernel; where none can be set, it says so and why.',
    'Exit codes: 0 the cap is in place; 1 not done after all; 77 refused.',
  ],
  args: {
    target: { type: 'positional', required: true, description: 'a pid, pid:startTime, or a session id' },
    max: { type: 'string', valueHint: 'SIZE', description: 'Hard limit (memory.max)' },
    high: { type: 'string', valueHint: 'SIZE', description: 'Soft limit (memory.high)' },
    ...DRY_ARGS,
  },
  examples: [
    { line: 'rampart limit 4242 --max 2GiB', says: 'at most so much' },
    { line: 'rampart limit 4242 --high 1GiB --max 2GiB', says: 'slow down first' },
  ],
  json: JSON_FORM,
  run: (args, context) => {
    if (args.max === undefined && args.high === undefined) throw usage('`limit` needs --max or --high', 'limit');
    const parameters = parametersOf({
      maxBytes: args.max === undefined ? undefined : byteSize(args.max, 'max'),
      highBytes: args.high === undefined ? undefined : byteSize(args.high, 'high'),
    });
    const go = args['dry-run'] !== true;
    const requests = [{ action: 'limit' as const, target: args.target, parameters }];
    return carryOut({ requests, go, how: 'Do it: leave --dry-run out' }, context);
  },
});
