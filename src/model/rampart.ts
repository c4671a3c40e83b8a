import type { ActionOrder, ActionPlan, ActionRequest, AuditPage, AuditQuery, Outcome, UndoOrder } from './action.ts';
import type { AdviceQuery, AdviceReport, ForgetOrder, LearnedQuery, LearnedReport } from './advice.ts';
import type { AcknowledgeOrder, Alert, AlertQuery, AlertReport, Silence, SilenceOrder } from './alert.ts';
import type { ChannelReport, ChannelTest, ChannelTestOrder, ReplayOrder } from './channel.ts';
import type { DeathQuery, DeathReport } from './death.ts';
import type { RampartEvent } from './event.ts';
import type { CaptureQuery, CaptureReport, InspectQuery, InspectReport } from './inspection.ts';
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

/** What is there, and how it went. Only reads. */
export interface Watching {
  status(): Promise<StatusReport>;
  self(caller: Caller): Promise<SelfReport>;
  listProcesses(query: ProcessQuery): Promise<ProcessPage>;
  queryMetrics(query: MetricsQuery): Promise<MetricsAnswer>;
  /** What the leak detectors say; see docs/leak-detection.md. */
  detectLeaks(query: LeakQuery): Promise<LeakReport>;
  health(): Promise<HealthReport>;
  doctor(): Promise<DoctorReport>;
}

/** Looking into other processes, and acting on them. */
export interface Acting {
  /** What a process holds. Attaching may stop it for a moment; it is never done where it could harm. */
  inspect(query: InspectQuery): Promise<InspectReport>;
  /** The same, kept as a file of ours. */
  capture(query: CaptureQuery): Promise<CaptureReport>;
  /** A dry run: says exactly what would happen, and gives the token that lets it happen. Touches nothing. */
  planAction(request: ActionRequest): Promise<ActionPlan>;
  /** Does what was planned. Every identity is checked again right before it is touched. */
  applyAction(order: ActionOrder): Promise<Outcome>;
  undoAction(order: UndoOrder): Promise<Outcome>;
  audit(query: AuditQuery): Promise<AuditPage>;
}

/** Alerts, and what people say about them. */
export interface Alerting {
  listAlerts(query: AlertQuery): Promise<AlertReport>;
  acknowledgeAlert(order: AcknowledgeOrder): Promise<Alert>;
  silenceAlerts(order: SilenceOrder): Promise<Silence>;
  /** Ends a silence before its time. */
  endSilence(id: string): Promise<Silence>;
}

/** Where alerts go. Channels and addresses come from the configuration only: whoever asks can but name them. */
export interface Notifying {
  listChannels(): Promise<ChannelReport>;
  /** Sends a test through one channel, once, and says what came of it. */
  testChannel(order: ChannelTestOrder): Promise<ChannelTest>;
  /** Sends what was given up again, under the same ids. */
  replayNotifications(order: ReplayOrder): Promise<{ readonly replayed: number }>;
}

/** What to do, and what earlier outcomes taught. */
export interface Advising {
  recommend(query: AdviceQuery): Promise<AdviceReport>;
  learned(query: LearnedQuery): Promise<LearnedReport>;
  /** Says how many estimates were dropped. */
  forgetLearned(order: ForgetOrder): Promise<{ readonly forgotten: number }>;
}

/** The black box. */
export interface Remembering {
  postMortem(query: DeathQuery): Promise<DeathReport>;
}

/**
 * Everything a face may ask. Implemented in-process by the service and remotely by the socket client; MCP, CLI, HTTP and
 * library all speak only this. Each method takes at most one parameter, plain data. Failures are `RampartError`s.
 */
export interface Rampart extends Watching, Acting, Alerting, Notifying, Advising, Remembering {
  /** Calls back with each event until the returned function is called. */
  subscribe(listener: (event: RampartEvent) => void): Promise<() => void>;
  close(): Promise<void>;
}
