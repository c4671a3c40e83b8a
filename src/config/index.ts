export { loadConfig, type LoadedConfig, type LoadOptions } from './load.ts';
export { NOTIFICATION_DEFAULTS } from './notifications.ts';
export { OPTIONS } from './options.ts';
export { paths, type Paths } from './paths.ts';
export { type Config } from './schema.ts';
export { shownValue } from './shown.ts';
