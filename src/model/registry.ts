import type { ProcessId } from './process.ts';

/**
 * What files on disk say about processes. A record is a claim, not a fact: files outlive their processes, so a claim
 * counts only when its process is alive with the same start time (or, where the file has none, started before it).
 */
export interface RegistryClaim {
  /** Which reader it comes from: 'claude-session', 'claude-flow-daemon', 'claude-flow-children', 'hive-db', 'memory-bank'. */
  readonly kind: string;
  readonly pid: number;
  /** Null: the file does not tell. */
  readonly startTime: ProcessId['startTime'] | null;
  /** When the claim was written (file's mtime or its own time). A process that started later is another one. */
  readonly claimedAtMs: number;
  readonly client: string;
  readonly sessionId: string | null;
  readonly agentId: string | null;
  /** 'agent', 'server' or null: what the file says the process is. */
  readonly role: 'agent' | 'server' | null;
  /** Untrusted text, already sanitised. */
  readonly name: string | null;
  readonly cwd: string | null;
  /** As the writer says: busy, idle, waiting, shell, running, completed, … */
  readonly status: string | null;
  readonly statusAtMs: number | null;
  /** Path of the file, to show as evidence. */
  readonly path: string;
}

/** All claims that could be read, and what could not be read and why. */
export interface Registry {
  readonly claims: readonly RegistryClaim[];
  readonly problems: readonly { readonly path: string; readonly reason: string }[];
}
