export { hostLimit } from './host.ts';
export { processLimit } from './process.ts';
