export { hostLimit } from './host.ts';
export { processLimit } from './process.ts';
export { v8OldSpaceLimit } from './v8.ts';
