import type { Evidence, Lifecycle, Role } from './attribution.ts';
import type { HostSample } from './host.ts';
import type { Limit } from './limit.ts';
import type { ProcessId, ProcessKey, ProcessState, Runtime } from './process.ts';

export type Severity = 'ok' | 'warning' | 'critical' | 'emergency';

/** One process, as every face shows it. */
export interface ProcessReport extends ProcessId {
  /** `pid:startTime`: pass it back to name this process and no later one with its pid. */
  readonly id: ProcessKey;
  readonly ppid: number;
  readonly startedAtMs: number | null;
  /** Short readable name (server name, script, command). Written by others: untrusted data. */
  readonly name: string;
  /** Redacted command line, at most 200 characters. Untrusted data. */
  readonly command: string;
  readonly runtime: Runtime;
  readonly state: ProcessState;
  readonly role: Role;
  readonly client: string | null;
  /** Session it belongs to; for an orphan the one it belonged to. */
  readonly sessionId: string | null;
  readonly agentId: string | null;
  readonly serverName: string | null;
  readonly attributionConfidence: number;
  readonly attributionEvidence: readonly Evidence[];
  readonly verdict: Lifecycle;
  readonly verdictConfidence: number;
  readonly verdictEvidence: readonly Evidence[];
  readonly lastActiveMs: number | null;
  readonly rssBytes: number;
  readonly anonBytes: number | null;
  readonly pssBytes: number | null;
  readonly ussBytes: number | null;
  readonly swapBytes: number | null;
  /** When PSS, USS and swap were read. */
  readonly footprintAtMs: number | null;
  readonly cpuPercent: number | null;
  readonly limit: Limit | null;
  /** Names of null fields → why. */
  readonly unknown: Readonly<Record<string, string>>;
}

/** One agent session and everything it started. */
export interface SessionReport {
  readonly sessionId: string;
  readonly client: string;
  /** Title or directory name, if the client tells one. Untrusted data. */
  readonly name: string | null;
  readonly cwd: string | null;
  /** As the client itself says: busy, idle, waiting, shell; null when it does not. */
  readonly clientStatus: string | null;
  readonly verdict: Lifecycle;
  readonly verdictConfidence: number;
  readonly verdictEvidence: readonly Evidence[];
  readonly startedAtMs: number | null;
  /** Sum of PSS over the tree. Null until every process of it was read once. */
  readonly pssBytes: number | null;
  readonly swapBytes: number | null;
  /** PSS + swap: the bill. */
  readonly totalBytes: number | null;
  /** Sum of RSS, for comparison with other tools: it counts shared pages once per process. */
  readonly rssBytes: number;
  readonly byRole: Readonly<
    Record<Role, { readonly count: number; readonly totalBytes: number | null; readonly rssBytes: number }>
  >;
  /** How sure the attribution is, 0–100. */
  readonly confidence: number;
  readonly evidence: readonly Evidence[];
  readonly processes: readonly ProcessReport[];
  readonly unknown: Readonly<Record<string, string>>;
}

/** N sessions × M servers: what the copies cost. */
export interface FanOut {
  readonly sessions: number;
  readonly servers: number;
  readonly serverBytes: number | null;
  readonly wrappers: number;
  readonly wrapperBytes: number | null;
  /** Servers that run once per session and could run once, over HTTP. */
  readonly shareable: readonly {
    readonly serverName: string;
    readonly copies: number;
    readonly totalBytes: number | null;
    /** What all copies but the largest cost. */
    readonly savableBytes: number | null;
  }[];
  /** One plain sentence: "5 sessions × 6 servers = 4.1 GiB; wrappers 310 MiB; 4 could be shared over HTTP". */
  readonly summary: string;
}

/** Room for more of the agents that run now, against the host's binding limit. */
export interface Room {
  readonly client: string;
  /** Median PSS + swap of a running session of this client. */
  readonly perSessionBytes: number;
  readonly basedOnSessions: number;
  /** Whole sessions that fit into the headroom less the reserve. */
  readonly more: number;
  readonly reserveBytes: number;
}

/** What Rampart itself costs. */
export interface SelfCost {
  readonly pid: number;
  readonly rssBytes: number;
  /** Share of one core since the last report or start. */
  readonly cpuPercent: number | null;
  readonly uptimeMs: number;
  readonly sweepMs: number | null;
  readonly skippedTicks: number;
  readonly historyBytes: number | null;
}

export interface StatusReport {
  readonly schemaVersion: 1;
  readonly atMs: number;
  /** 'service': from the running service · 'one-shot': a single look taken for this answer, without history. */
  readonly origin: 'service' | 'one-shot';
  readonly severity: Severity;
  readonly summary: string;
  readonly host: HostSample & { readonly limit: Limit };
  readonly sessions: readonly SessionReport[];
  /** Processes of no live session: orphans, servers of unknown clients, and all else that may be seen. */
  readonly unattributed: readonly ProcessReport[];
  readonly fanOut: FanOut;
  readonly room: readonly Room[];
  readonly rampart: SelfCost;
  readonly coverage: Coverage;
}

/** What this report could not see. */
export interface Coverage {
  readonly source: string;
  readonly processes: number;
  readonly hidden: number;
  readonly notes: readonly string[];
}

export type CheckLevel = 'ok' | 'info' | 'warning' | 'critical' | 'emergency';

/** `health`: one line per thing that may be wrong; the worst decides the exit code. */
export interface HealthReport {
  readonly schemaVersion: 1;
  readonly atMs: number;
  readonly severity: Severity;
  readonly checks: readonly {
    readonly name: string;
    readonly level: CheckLevel;
    readonly detail: string;
    readonly next: string | null;
  }[];
}

/** `doctor`: what can be seen here, what cannot, and how to change that. */
export interface DoctorReport {
  readonly schemaVersion: 1;
  readonly atMs: number;
  readonly checks: readonly {
    readonly name: string;
    readonly works: boolean | null;
    readonly detail: string;
    readonly fix: string | null;
  }[];
}

export interface ProcessQuery {
  /** Sub-string of name or command; case does not matter. */
  readonly match?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly role?: Role | undefined;
  readonly verdict?: Lifecycle | undefined;
  readonly sort?: 'memory' | 'rss' | 'cpu' | 'age' | undefined;
  readonly limit?: number | undefined;
  /** Opaque; from the last page. */
  readonly cursor?: string | undefined;
}

export interface ProcessPage {
  readonly atMs: number;
  readonly total: number;
  readonly processes: readonly ProcessReport[];
  readonly nextCursor: string | null;
}
