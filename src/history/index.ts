export { createFileStore } from './file-store.ts';
export { openHistory } from './history.ts';
export type { History } from './types.ts';
export { createMemoryStore } from './memory-store.ts';
