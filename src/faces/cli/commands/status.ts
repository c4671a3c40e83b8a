import { defineCommand } from '../command.ts';
import { EXIT } from '../exit.ts';
import { toJson } from '../present/safe.ts';
import { statusLines } from '../present/status.ts';
import { ONE_SHOT_ARG, openEither, using } from '../session.ts';

export const status = defineCommand({
  about: [
    'Shows each agent session as a tree: the agent, its MCP servers with what their npx and sh wrappers cost, and the tools it runs. Below it what belongs to no live session, orphans first.',
    'Memory is PSS + swap, which sums without counting shared pages twice; RSS stands beside it for comparison with other tools. A running service answers with its history behind it; without one, a single look is taken now, and the output says so.',
  ],
  args: {
    all: { type: 'boolean', alias: 'a', description: 'List every process, also those of no session' },
    ...ONE_SHOT_ARG,
  },
  examples: [
    { line: 'rampart status', says: 'the bill of every session' },
    { line: 'rampart status --all', says: 'with every process that may be seen' },
    { line: "rampart status --json | jq '.sessions[] | {client, pssBytes, swapBytes}'", says: 'for scripts' },
  ],
  json: 'the StatusReport: severity, summary, host {memoryTotalBytes, memoryAvailableBytes, limit}, sessions[] {sessionId, client, pssBytes, swapBytes, rssBytes, confidence, processes[] {pid, startTime, role, pssBytes, verdict}}, unattributed[] of the same shape, fanOut, room, rampart, coverage. origin says whether a service answered or one look was taken.',
  run: async ({ all, 'one-shot': oneShot }, { deps, terminal, json }) => {
    const report = await using(openEither(deps, oneShot === true), (rampart) => rampart.status());
    if (json) terminal.printText(toJson(report));
    else terminal.print(statusLines(report, { width: terminal.width(), glyphs: terminal.glyphs, all: all === true }));
    return EXIT.ok;
  },
});
