import type { ProcessKey } from './process.ts';

/** agent: the CLI itself · server: an MCP server · wrapper: npx, sh, launcher around one · tool: a child an agent runs · other. */
export type Role = 'agent' | 'server' | 'wrapper' | 'tool' | 'other';

/** A fact that a statement rests on; `detail` is one plain sentence, already safe to show. */
export interface Evidence {
  /** Short machine name: 'env-session-id', 'ancestor', 'registry', 'stdin-peer-dead', … */
  readonly kind: string;
  readonly detail: string;
}

/** Whose a process is. */
export interface Attribution {
  readonly role: Role;
  /** The agent CLI: 'claude-code', 'codex', 'gemini-cli', 'claude-flow', …; null when none is known. */
  readonly client: string | null;
  /** Agent process that owns it, if it still lives. */
  readonly agent: ProcessKey | null;
  /** The session it belongs (or, for an orphan, belonged) to. */
  readonly sessionId: string | null;
  /** Sub-agent or teammate inside the session, where one is known. */
  readonly agentId: string | null;
  /** MCP server this process is, or wraps: a readable name (package, script), and the head of its wrapper chain. */
  readonly serverName: string | null;
  readonly serverHead: ProcessKey | null;
  /** How sure, 0–100. */
  readonly confidence: number;
  readonly evidence: readonly Evidence[];
}

/**
 * busy: worked lately · idle: alive with a live client · retained: finished, but alive · duplicate: a second copy of the
 * same server under one live parent · stale: runs code or belongs to a generation that was replaced · orphan: its client
 * is gone · zombie: dead, not reaped by its parent · unknown: not enough seen yet.
 */
export type Lifecycle = 'busy' | 'idle' | 'retained' | 'duplicate' | 'stale' | 'orphan' | 'zombie' | 'unknown';

export interface LifecycleVerdict {
  readonly verdict: Lifecycle;
  /** 0–100. */
  readonly confidence: number;
  readonly evidence: readonly Evidence[];
  /** Last sign of a request or of work; null: none seen since we watch. */
  readonly lastActiveMs: number | null;
  /** The first look that said so, with no other verdict since. Absent: not kept here. */
  readonly sinceMs?: number;
}
