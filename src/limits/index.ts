export { hostLimit } from './host.ts';
export { processLimit } from './process.ts';
export type { ProcessLimitInput } from './process.ts';
