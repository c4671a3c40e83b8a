import { userInfo } from 'node:os';
import { timeSpan } from '../args.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit.ts';
import { line, span } from '../present/line.ts';
import { shown, toJson } from '../present/safe.ts';
import { duration } from '../present/units.ts';
import { using } from '../session.ts';

export const ack = defineCommand({
  about: [
    'Says that you have seen an alert and deal with it: it fires on, and nobody is called for it again until the time is over, or until it gets worse. To be quiet about what is known and wanted, use `rampart silence`.',
  ],
  args: {
    id: { type: 'positional', required: true, description: 'id of the alert, or its first six or more characters' },
    for: { type: 'string', valueHint: 'TIME', description: 'How long it holds', default: '4h' },
  },
  examples: [{ line: 'rampart ack 3f9a01bc', says: 'I am on it' }],
  json: '{schemaVersion, alert}.',
  run: async (args, { deps, terminal, json }) => {
    const forMs = timeSpan(args.for, 'for', 1000, 30 * 86_400_000);
    const alert = await using(deps.connect(), (rampart) =>
      rampart.acknowledgeAlert({ id: args.id, by: whoami(), forMs }),
    );
    if (json) terminal.printText(toJson({ schemaVersion: 1, alert }));
    else
      terminal.print([
        line(`Acknowledged for ${duration(forMs)}: `, span(shown(alert.title, 300), 'strong')),
        line(span('A worse level breaks it.', 'dim')),
      ]);
    return EXIT.ok;
  },
});

/** Who stands behind this terminal, for whoever finds the silence later. */
export function whoami(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without a name (containers).
    return 'cli';
  }
}
