export type { CliDeps, ClientEntry, ConfigValue, ConfigView, RunningService } from './command.ts';
export { runCli } from './run.ts';
export type { Streams } from './terminal.ts';
