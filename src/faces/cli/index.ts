export type { CliDeps } from './command.ts';
export { runCli } from './run.ts';
export type { Streams } from './terminal.ts';
