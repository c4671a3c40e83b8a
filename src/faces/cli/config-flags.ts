import type { ArgsDef } from 'citty';

/** Options that are worth a flag; every option has a variable and a place in the file (`rampart config`). */
export const CONFIG_ARGS = {
  interval: { type: 'string', valueHint: 'TIME', description: 'Time between two looks at all processes, e.g. 1s' },
  http: { type: 'boolean', description: 'Serve MCP over HTTP; --no-http turns it off' },
  port: { type: 'string', valueHint: 'PORT', description: 'Port of the HTTP listener; 0: any free one' },
} as const satisfies ArgsDef;

const OPTION_OF: Readonly<Record<keyof typeof CONFIG_ARGS, string>> = {
  interval: 'sampleInterval',
  http: 'http.enabled',
  port: 'http.port',
};

/** The flags that were given, by the dotted names of the configuration; their values are checked there. */
export function configFlags(args: Readonly<Record<string, unknown>>): Record<string, string> {
  const flags: Record<string, string> = {};
  for (const [flag, option] of Object.entries(OPTION_OF)) {
    const value = args[flag];
    if (typeof value === 'string' || typeof value === 'boolean') flags[option] = `${value}`;
  }
  return flags;
}
