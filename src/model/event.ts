import type { ProcessKey } from './process.ts';
import type { Severity } from './report.ts';

/** The one typed stream inside; sinks drop and count rather than block. */
export type RampartEvent =
  | { readonly type: 'tick'; readonly atMs: number; readonly processes: number; readonly memoryAvailableBytes: number }
  | {
      readonly type: 'severity';
      readonly atMs: number;
      readonly from: Severity;
      readonly to: Severity;
      readonly reason: string;
    }
  | { readonly type: 'process:started' | 'process:exited'; readonly atMs: number; readonly process: ProcessKey }
  | {
      readonly type: 'session:started' | 'session:ended';
      readonly atMs: number;
      readonly sessionId: string;
      readonly client: string;
    }
  | { readonly type: 'dropped'; readonly atMs: number; readonly sink: string; readonly count: number };
