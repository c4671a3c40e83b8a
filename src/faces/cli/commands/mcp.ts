import { defineCommand } from '../command.ts';
import { EXIT } from '../exit.ts';

export const mcp = defineCommand({
  about: [
    'Speaks MCP on stdin and stdout; agents start it, people rarely do. It does nothing until the first question, which starts the service if none runs, and it ends with its client.',
  ],
  args: {},
  examples: [
    { line: 'claude mcp add rampart -- rampart mcp', says: 'add it to Claude Code' },
    { line: 'rampart client-config codex', says: 'the entry for other clients' },
  ],
  json: null,
  run: async (_args, { deps }) => {
    await deps.runMcp();
    return EXIT.ok;
  },
});
