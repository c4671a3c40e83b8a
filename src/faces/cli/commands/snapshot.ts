import { timeSpan } from '../args.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit.ts';
import { captureLines } from '../present/capture.ts';
import { toJson } from '../present/safe.ts';
import { using } from '../session.ts';
import { watched } from '../ticket.ts';

const MAX_SPAN_MS = 5 * 60_000;

export const snapshot = defineCommand({
  about: [
    'Writes the heap of a running Node process to a file of ours (0600, compressed), for the DevTools of Chrome or for a comparison. The process stands still meanwhile, about 10 s for a million objects, and may need 20 times its heap: with less room it is refused.',
    '--compare takes another one and tells which classes grew since the last, and what holds their new instances. --light keeps a sampling profile and the heap figures instead, which costs next to nothing.',
  ],
  args: {
    target: { type: 'positional', required: true, description: 'a pid, or pid:startTime' },
    compare: { type: 'boolean', alias: 'd', description: 'Compare with the last snapshot of this process' },
    since: { type: 'string', valueHint: 'ID', description: 'Compare with this snapshot' },
    light: { type: 'boolean', alias: 'l', description: 'A profile instead of the whole heap' },
    profile: { type: 'string', alias: 'p', valueHint: 'TIME', description: 'How long --light profiles; default 10s' },
  },
  examples: [
    { line: 'rampart snapshot 4242', says: 'the whole heap' },
    { line: 'rampart snapshot 4242 --compare', says: 'some minutes later: what grew, and what holds it?' },
    { line: 'rampart snapshot 4242 --light', says: 'which function allocates what stays?' },
  ],
  json: 'the CaptureReport: id, path, bytes, pauseMs, culprits[], growth[], inspection.',
  run: async (args, { deps, terminal, json }) => {
    const kind =
      args.light === true ? 'light' : args.compare === true || args.since !== undefined ? 'compare' : 'snapshot';
    const query = {
      target: args.target,
      kind,
      since: args.since,
      durationMs: args.profile === undefined ? undefined : timeSpan(args.profile, 'profile', 1000, MAX_SPAN_MS),
    } as const;
    const report = await using(deps.ensureService(), (rampart) =>
      watched(rampart, json ? null : terminal, (ticket) => rampart.capture({ ...query, ticket })),
    );
    if (json) terminal.printText(toJson(report));
    else terminal.print(captureLines(report, { width: terminal.width(), glyphs: terminal.glyphs }));
    return EXIT.ok;
  },
});
