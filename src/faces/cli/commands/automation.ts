import { RampartError } from '../../../model/index.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit.ts';
import { toJson } from '../present/safe.ts';

export const automation = defineCommand({
  about: [
    'Stops every automatic action at once (off), lets them go on (on), or says which it is. Works without a running service, and outlives a restart. On allows no more than the configuration does, which by default is nothing: see autoOptimization and actionTriggers.',
  ],
  args: { state: { type: 'positional', required: false, description: 'on or off' } },
  examples: [
    { line: 'rampart automation off', says: 'stop them, now' },
    { line: 'rampart automation', says: 'are they stopped?' },
  ],
  json: '{stopped}.',
  run: async ({ state }, { deps, terminal, json }) => {
    if (state === 'off') await deps.killSwitch.stop();
    else if (state === 'on') await deps.killSwitch.release();
    else if (state !== undefined) throw new RampartError('bad-input', `the state is '${state}'`, 'Valid: on, off.');
    const stopped = await deps.killSwitch.isStopped();
    const text = stopped
      ? 'Automatic actions are stopped. `rampart automation on` lets them go on.'
      : 'Automatic actions are not stopped: they do what autoOptimization and actionTriggers allow.';
    terminal.printText(json ? toJson({ stopped }) : text);
    return EXIT.ok;
  },
});
