import { nearest } from '../../../config/nearest.ts';
import { RampartError } from '../../../model/index.ts';
import { type ConfigValue, defineCommand } from '../command.ts';
import { CONFIG_ARGS, configFlags } from '../config-flags.ts';
import { EXIT } from '../exit.ts';
import { configLines } from '../present/config.ts';
import { toJson } from '../present/safe.ts';

export const config = defineCommand({
  about: [
    'Shows each value and where it came from. Later wins: default, file, environment, flag. The file is rampart.config.json of the working directory, or the one that RAMPART_CONFIG names, or your own; unknown names in it are errors.',
    'Each option has a variable: http.port is RAMPART_HTTP__PORT. Times and sizes may be written as 5s or 256MiB.',
  ],
  args: {
    name: { type: 'positional', required: false, description: 'An option or group, such as http or http.port' },
    verbose: { type: 'boolean', alias: 'v', description: 'With the meaning of each option and its variable' },
    ...CONFIG_ARGS,
  },
  examples: [
    { line: 'rampart config', says: 'everything' },
    { line: 'rampart config http --verbose', says: 'the HTTP options, explained' },
    { line: 'RAMPART_HTTP__PORT=4000 rampart config http.port', says: 'where does this value come from?' },
  ],
  json: '{schemaVersion, file, places, values[] {name, value, kind, from: default|file|environment|flag, detail, description, variable, notYet}}.',
  run: async (args, { deps, terminal, json }) => {
    const view = await deps.config(configFlags(args));
    const values = named(view.values, args.name);
    if (json) terminal.printText(toJson({ schemaVersion: 1, ...view, values }));
    else {
      const options = { width: terminal.width(), glyphs: terminal.glyphs, verbose: args.verbose === true };
      terminal.print(configLines({ ...view, values }, options));
    }
    return EXIT.ok;
  },
});

function named(values: readonly ConfigValue[], name: string | undefined): readonly ConfigValue[] {
  if (name === undefined) return values;
  const found = values.filter((value) => value.name === name || value.name.startsWith(`${name}.`));
  if (found.length > 0) return found;
  const groups = values.map((value) => value.name.split('.')[0] ?? '');
  const close = nearest(name, [...values.map((value) => value.name), ...groups]);
  throw new RampartError(
    'bad-input',
    `unknown option '${name}'`,
    close === null ? '`rampart config` lists all.' : `Did you mean ${close}?`,
  );
}
