import { NOT_ALL } from '../acting.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit.ts';
import { outcomeLines } from '../present/action.ts';
import { toJson } from '../present/safe.ts';
import { using } from '../session.ts';

export const undo = defineCommand({
  about: [
    'Puts back what suspend, deprioritise or limit changed, also after a restart of the service. ID is that of an outcome or its beginning, as `rampart audit` shows it; without one, the newest that can be undone.',
    'Exit codes: 0 put back; 1 not for every process; 65 nothing to undo.',
  ],
  args: { id: { type: 'positional', required: false, description: 'the id of what was done' } },
  examples: [
    { line: 'rampart undo', says: 'take back the last change' },
    { line: 'rampart undo 3f2a91c0', says: 'take back that one' },
  ],
  json: 'the Outcome: targets[], summary.',
  run: async ({ id }, { deps, terminal, json }) => {
    const outcome = await using(deps.ensureService(), (rampart) => rampart.undoAction({ id, origin: 'user' }));
    if (json) terminal.printText(toJson({ schemaVersion: 1, outcome }));
    else terminal.print(outcomeLines(outcome, { width: terminal.width(), glyphs: terminal.glyphs }));
    return outcome.targets.every(({ done }) => done) ? EXIT.ok : NOT_ALL;
  },
});
