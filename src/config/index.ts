export type { Origin } from './layers.ts';
export { loadConfig, type LoadedConfig, type LoadOptions } from './load.ts';
export { type Option, OPTIONS } from './options.ts';
export { type Environment, paths, type Paths, type PathsOptions } from './paths.ts';
export { type Config, ConfigSchema } from './schema.ts';
