export { readTrace, type TraceNotes } from './read-trace.ts';
export { createTraceWriter, type TraceWriter } from './write-trace.ts';
