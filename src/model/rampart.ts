import type { RampartEvent } from './event.ts';
import type { LeakQuery, LeakReport } from './leak.ts';
import type {
  DoctorReport,
  HealthReport,
  ProcessPage,
  ProcessQuery,
  ProcessReport,
  SessionReport,
  StatusReport,
} from './report.ts';
import type { MetricsAnswer, MetricsQuery } from './series.ts';

/** Who asks. `target: self` is answered from it; a face fills in what it knows and leaves the rest null. */
export interface Caller {
  readonly face: 'stdio' | 'http' | 'cli' | 'library';
  /** Pid on this machine of the asking process (for stdio: the relay's own), from which ancestry is walked. */
  readonly pid: number | null;
  /** Session id that the caller found in its environment. */
  readonly sessionId: string | null;
  /** MCP clientInfo.name. */
  readonly clientName: string | null;
}

/** The answer to "who am I, and what do I use?" */
export interface SelfReport {
  readonly session: SessionReport | null;
  readonly process: ProcessReport | null;
  /** Session's share of all memory that sessions use, and of the host's total; 0–1. */
  readonly shareOfSessions: number | null;
  readonly shareOfHost: number | null;
  /** How the caller was found, or why it was not. */
  readonly reason: string;
}

/**
 * Everything a face may ask. Implemented in-process by the service's engine and remotely by the socket client;
 * MCP, CLI, HTTP and library all speak only this. Failures are `RampartError`s.
 */
export interface Rampart {
  status(): Promise<StatusReport>;
  self(caller: Caller): Promise<SelfReport>;
  listProcesses(query: ProcessQuery): Promise<ProcessPage>;
  queryMetrics(query: MetricsQuery): Promise<MetricsAnswer>;
  /** What the leak detectors say; see docs/leak-detection.md. */
  detectLeaks(query: LeakQuery): Promise<LeakReport>;
  health(): Promise<HealthReport>;
  doctor(): Promise<DoctorReport>;
  /** Calls back with each event until the returned function is called. */
  subscribe(listener: (event: RampartEvent) => void): Promise<() => void>;
  close(): Promise<void>;
}
