import { timeSpan, wholeNumber } from '../args.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit.ts';
import { auditLines } from '../present/action.ts';
import { toJson } from '../present/safe.ts';
import { using } from '../session.ts';

const LONGEST_MS = 3650 * 24 * 3_600_000;

export const audit = defineCommand({
  about: [
    'What was done to processes, planned or refused, and every signal that was sent, newest first. The log is append-only; each line is written before the signal it speaks of.',
  ],
  args: {
    process: { type: 'positional', required: false, description: 'a pid or pid:startTime' },
    since: { type: 'string', valueHint: 'TIME', description: 'Only the last 1h, 7d, …' },
    limit: { type: 'string', valueHint: 'N', description: 'At most so many', default: '40' },
  },
  examples: [
    { line: 'rampart audit', says: 'what happened lately' },
    { line: 'rampart audit 4242 --since 1d', says: 'who touched this process?' },
  ],
  json: 'the AuditPage: entries[] {atMs, id, event, action, origin, process, detail}, more, torn.',
  run: async (args, { deps, terminal, json }) => {
    const query = {
      process: args.process,
      fromMs: args.since === undefined ? undefined : deps.clock.nowMs() - timeSpan(args.since, 'since', 0, LONGEST_MS),
      limit: wholeNumber(args.limit, 'limit', 1, 1000),
    };
    const page = await using(deps.ensureService(), (rampart) => rampart.audit(query));
    if (json) terminal.printText(toJson(page));
    else terminal.print(auditLines(page, { width: terminal.width(), glyphs: terminal.glyphs }));
    return EXIT.ok;
  },
});
