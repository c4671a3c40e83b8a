import { nearest } from '../../../config/nearest.ts';
import { RampartError } from '../../../model/index.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit.ts';
import { type Line, line, span, wrapWords } from '../present/line.ts';
import { toJson } from '../present/safe.ts';

export const clientConfig = defineCommand({
  about: [
    'Prints what to put where, so that a client starts Rampart as an MCP server and its agents can ask about their own memory. Nothing is written: the file is yours. Without a name it lists the clients.',
    'By default each session starts a small stdio server, which asks the one service of this user. --http prints the entry for the service that `rampart start` runs: one server for all sessions.',
  ],
  args: {
    client: { type: 'positional', required: false, description: 'claude-code, codex, gemini, cursor, vscode, …' },
    http: { type: 'boolean', description: 'For the HTTP endpoint of a running service instead of stdio' },
  },
  examples: [
    { line: 'rampart client-config', says: 'which clients are known' },
    { line: 'rampart client-config claude-code', says: 'the entry for Claude Code' },
    { line: 'rampart client-config codex --http', says: 'one server for all Codex sessions' },
  ],
  json: '{schemaVersion, entry {client, title, file, language, text, command, notes}}, or {schemaVersion, clients[]} without a name.',
  run: async ({ client, http }, { deps, terminal, json }) => {
    const clients = await deps.clients();
    if (client === undefined) {
      if (json) terminal.printText(toJson({ schemaVersion: 1, clients }));
      else
        terminal.print([
          line('Clients: ', clients.join(', ')),
          line(span('`rampart client-config CLIENT` prints the entry.', 'dim')),
        ]);
      return EXIT.ok;
    }
    if (!clients.includes(client)) {
      const close = nearest(client, clients);
      const hint = close === null ? `There are: ${clients.join(', ')}.` : `Did you mean ${close}?`;
      throw new RampartError('bad-input', `unknown client '${client}'`, hint);
    }
    const entry = await deps.clientEntry(client, http === true ? 'http' : 'stdio');
    if (json) {
      terminal.printText(JSON.stringify({ schemaVersion: 1, entry }, null, 2));
      return EXIT.ok;
    }
    // What is to be copied goes to stdout alone, so that `> file` and a pipe hold nothing else.
    const say = (lines: readonly Line[]): void => terminal.printError(lines);
    if (entry.command !== null) say([line(span(`${entry.title}: run this`, 'strong')), line(`  ${entry.command}`), []]);
    if (entry.file !== null)
      say([
        line(span(`${entry.command === null ? `${entry.title}: put` : 'or put'} this into ${entry.file}`, 'strong')),
      ]);
    terminal.printText(entry.text);
    say(entry.notes.flatMap((note) => wrapWords(note, terminal.width()).map((text) => line(span(text, 'dim')))));
    return EXIT.ok;
  },
});
