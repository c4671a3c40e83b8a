import type { Outcome } from './action.ts';
import type { Alert } from './alert.ts';
import type { Death } from './death.ts';
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
  | {
      /** Fired, escalated, acknowledged or resolved. */
      readonly type: 'alert';
      readonly atMs: number;
      readonly change: 'fired' | 'escalated' | 'acknowledged' | 'resolved';
      readonly alert: Alert;
    }
  | { readonly type: 'outcome'; readonly atMs: number; readonly outcome: Outcome }
  | { readonly type: 'death'; readonly atMs: number; readonly death: Death }
  | {
      /** Of a call that named this ticket. `total` null: not known. */
      readonly type: 'progress';
      readonly atMs: number;
      readonly ticket: string;
      readonly done: number;
      readonly total: number | null;
      readonly message: string;
    }
  | { readonly type: 'dropped'; readonly atMs: number; readonly sink: string; readonly count: number };
