export { createFileStore } from './file-store.ts';
export { openHistory } from './history.ts';
export type { Retention } from './retention.ts';
export type { History, HistoryOptions, HistoryStats, ScanQuery, SubjectSpan } from './types.ts';
export { createMemoryStore } from './memory-store.ts';
