import { wholeNumber } from '../args.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit.ts';
import { deathLines, deathListLines } from '../present/deaths.ts';
import { toJson } from '../present/safe.ts';
import { using } from '../session.ts';

export const postMortem = defineCommand({
  about: [
    'The agents, servers and large processes that died while the service watched: when, who ended them (the kernel or a daemon for lack of memory, V8 at its heap limit, a signal, Rampart itself, a crash), how sure that is, what the memory did before, and the command that takes the session up again. ID is the id of a death, a process as pid:startTime, a pid, or a session id; with it the whole report is shown, without it the newest deaths, one a line.',
    'How a process ended is told to its parent alone; `rampart doctor` says what this machine lets Rampart know, and what would help.',
  ],
  args: {
    id: { type: 'positional', required: false, description: 'a death, process, pid or session' },
    limit: { type: 'string', valueHint: 'N', description: 'At most so many', default: '20' },
  },
  examples: [
    { line: 'rampart post-mortem', says: 'what died lately?' },
    { line: 'rampart post-mortem 4242', says: 'who ended process 4242, with its last curve' },
    { line: 'rampart post-mortem --json', says: 'everything that is remembered, for scripts' },
  ],
  json: 'the DeathReport: deaths[] {id, process, role, killer, confidence, alternatives, evidence, exitCode, signal, curve, resume, …}, more.',
  run: async (args, { deps, terminal, json }) => {
    const limit = wholeNumber(args.limit, 'limit', 1, 200) ?? undefined;
    const report = await using(deps.connect(), (rampart) => rampart.postMortem({ target: args.id, limit }));
    const options = { width: terminal.width(), glyphs: terminal.glyphs };
    if (json) terminal.printText(toJson(report));
    else if (args.id === undefined) terminal.print(deathListLines(report, options));
    else
      terminal.print(report.deaths.flatMap((death, at) => [...(at === 0 ? [] : [[]]), ...deathLines(death, options)]));
    return EXIT.ok;
  },
});
