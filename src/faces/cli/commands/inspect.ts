import { timeSpan } from '../args.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit.ts';
import { inspectLines } from '../present/inspect.ts';
import { toJson } from '../present/safe.ts';
import { using } from '../session.ts';
import { watched } from '../ticket.ts';

const MAX_SPAN_MS = 5 * 60_000;

export const inspect = defineCommand({
  about: [
    'What a running process holds: its V8 heaps by space, Buffers, native memory and files. Into a Node process it looks through its own inspector, which is opened by a signal for about half a second, and only where that does no harm; else it tells what is known from outside, and why.',
    'Nothing is restarted. Node prints five lines to the stderr of the process each time its inspector opens. See docs/looking-inside.md.',
  ],
  args: {
    target: { type: 'positional', required: true, description: 'a pid, or pid:startTime' },
    profile: { type: 'string', alias: 'p', valueHint: 'TIME', description: 'Find the functions whose memory grows' },
    'gc-window': { type: 'string', valueHint: 'TIME', description: 'Watch its garbage collections for so long' },
    collect: { type: 'boolean', alias: 'c', description: 'Force a full collection and tell what it freed' },
    attach: { type: 'boolean', default: true, description: 'Look inside; --no-attach: only from outside' },
  },
  examples: [
    { line: 'rampart inspect 4242', says: 'heap, Buffers, native memory' },
    { line: 'rampart inspect 4242 --profile 10s', says: 'which function leaks?' },
    { line: 'rampart inspect 4242 --collect --gc-window 5s', says: 'does a collection help?' },
    { line: 'rampart inspect 4242 --no-attach --json', says: 'touch nothing' },
  ],
  json: 'the InspectReport: split, heaps[], gc, collection, culprits[], nativeResidualBytes, unknown.',
  run: async (args, { deps, terminal, json }) => {
    const span = (text: string | undefined, flag: string): number | undefined =>
      text === undefined ? undefined : timeSpan(text, flag, 100, MAX_SPAN_MS);
    const query = {
      target: args.target,
      attach: args.attach !== false,
      collect: args.collect === true,
      gcWindowMs: span(args['gc-window'], 'gc-window'),
      profileMs: span(args.profile, 'profile'),
    };
    const report = await using(deps.ensureService(), (rampart) =>
      watched(rampart, json ? null : terminal, (ticket) => rampart.inspect({ ...query, ticket })),
    );
    if (json) terminal.printText(toJson(report));
    else terminal.print(inspectLines(report, { width: terminal.width(), glyphs: terminal.glyphs }));
    return EXIT.ok;
  },
});
