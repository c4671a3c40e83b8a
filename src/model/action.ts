import type { Evidence, Lifecycle, Role } from './attribution.ts';
import type { ErrorCode } from './error.ts';
import type { LeakKind } from './finding.ts';
import type { ProcessId, ProcessKey } from './process.ts';

/** What Rampart can do to a process. Each is one file in `src/actions/`. */
export const ACTION_NAMES = [
  'force_gc',
  'compact_heap',
  'clear_caches',
  'capture',
  'heap_snapshot',
  'reap',
  'reclaim',
  'limit',
  'deprioritise',
  'suspend',
  'resume',
  'emergency_shutdown',
] as const;
export type ActionName = (typeof ACTION_NAMES)[number];

/** none: reads only · low: a pause · medium: slower, or hard to take back · high: something ends. */
export type Risk = 'none' | 'low' | 'medium' | 'high';

/** Who wants it; every audit line says so. */
export type ActionOrigin = 'user' | 'agent' | 'automation';

/** What an action may be told beside its target; each action reads its own. */
export interface ActionParameters {
  /** reap: only processes with this verdict. */
  readonly only?: 'orphan' | 'duplicate' | 'retained' | undefined;
  /** limit: `memory.max` and `memory.high`. */
  readonly maxBytes?: number | undefined;
  readonly highBytes?: number | undefined;
  /** reclaim: how much to ask for. */
  readonly bytes?: number | undefined;
  /** deprioritise: oom_score_adj to set, above the present one; −1000 … 1000. */
  readonly oomScoreAdj?: number | undefined;
  /** reap, emergency_shutdown: time between SIGTERM and SIGKILL. */
  readonly graceMs?: number | undefined;
  /** clear_caches: name of a registered cache; left out: all of them. */
  readonly cache?: string | undefined;
}

export interface ActionRequest {
  readonly action: ActionName;
  /** `pid:startTime`, the pid of a live process, a session id, or for reap also 'orphans', 'duplicates', 'retained'. */
  readonly target: string;
  readonly parameters?: ActionParameters | undefined;
  readonly origin: ActionOrigin;
  /** Why, in the asker's words: goes to the audit log, sanitised. */
  readonly reason?: string | undefined;
  /** Pid of whoever asks: it and its ancestors are never a target. */
  readonly callerPid?: number | null | undefined;
}

/** Why something is not done. */
export type RefusalCode =
  | 'not-allowed'
  | 'protected'
  | 'risk-too-high'
  | 'rate-limited'
  | 'other-user'
  | 'own-kin'
  | 'no-headroom'
  | 'in-progress'
  | 'identity-changed'
  | 'gone'
  | 'not-enough-evidence'
  | 'has-client'
  | 'unavailable'
  | 'nothing-to-do'
  | 'no-audit'
  | 'token';

export interface Refusal {
  readonly code: RefusalCode;
  /** One plain sentence. */
  readonly reason: string;
  /** What would change it. */
  readonly hint: string;
}

/** One process that an action would touch, with all that speaks for it. */
export interface PlannedTarget {
  readonly process: ProcessId & { readonly id: ProcessKey };
  /** Untrusted data. */
  readonly name: string;
  readonly role: Role;
  readonly sessionId: string | null;
  readonly verdict: Lifecycle;
  /** PSS + swap, or RSS where that was not read. */
  readonly footprintBytes: number;
  /** Exactly what would happen to it, in order, one plain sentence each: 'SIGTERM', 'wait 5 s', 'SIGKILL if it still lives'. */
  readonly steps: readonly string[];
  readonly evidence: readonly Evidence[];
  /** Null: it may be done. */
  readonly refusal: Refusal | null;
}

/** What is expected of an action, from outcomes that were measured; null where nothing is known. */
export interface ExpectedEffect {
  readonly bytes: number | null;
  readonly lowBytes: number | null;
  readonly highBytes: number | null;
  /** Share of such intervals that hold the true effect; null together with them. */
  readonly confidence: number | null;
  /** Outcomes that this rests on. */
  readonly basedOn: number;
  readonly reason: string;
}

/** A dry run: nothing was touched. */
export interface ActionPlan {
  readonly schemaVersion: 1;
  readonly atMs: number;
  readonly action: ActionName;
  readonly risk: Risk;
  readonly reversible: boolean;
  readonly targets: readonly PlannedTarget[];
  /** Of the whole plan; null: at least one target may be acted on. */
  readonly refusal: Refusal | null;
  readonly expected: ExpectedEffect;
  /** Passed to `applyAction`: single use, bound to this plan and these identities. Null: refused. */
  readonly token: string | null;
  readonly expiresAtMs: number;
  /** How an agent's request is confirmed: by the user where the client can ask, or always by the token. */
  readonly confirm: 'ask' | 'token';
  readonly summary: string;
}

export interface ActionOrder {
  /** Of the plan. */
  readonly token: string;
  /** What the asker believes the plan is about: another action or target makes the token worth nothing. */
  readonly expect?: { readonly action: ActionName; readonly target: string } | undefined;
  /** Names events `progress` of this call. */
  readonly ticket?: string | undefined;
}

/** Memory of the targets together, and of the host, at a moment. */
export interface Measurement {
  readonly atMs: number;
  readonly rssBytes: number;
  readonly pssBytes: number | null;
  readonly swapBytes: number | null;
  /** Of the targets' V8 heaps; null where not all of them were looked into. */
  readonly heapUsedBytes: number | null;
  readonly hostAvailableBytes: number;
}

/** What happened to one target. */
export interface TargetOutcome {
  readonly process: ProcessId & { readonly id: ProcessKey };
  readonly done: boolean;
  /** Null when done. */
  readonly refusal: Refusal | null;
  readonly detail: string;
  /** V8 heaps of all isolates together, where the action looked into them; null: it did not. */
  readonly heap: HeapChange | null;
}

/** Used heap before and after. */
export interface HeapChange {
  readonly beforeBytes: number;
  readonly afterBytes: number;
}

/**
 * helped: the effect is beyond what would have happened anyway and beyond the noise · no-effect · harmful: more memory
 * than without it, or the target was damaged · unclear: the figures do not say · failed: it could not be carried out.
 */
export type OutcomeResult = 'helped' | 'no-effect' | 'harmful' | 'unclear' | 'failed' | 'refused';

export interface Outcome {
  readonly id: string;
  readonly action: ActionName;
  readonly origin: ActionOrigin;
  readonly risk: Risk;
  /** For learning: by what runs (server's or program's name), and what was found of it. */
  readonly role: string;
  readonly finding: LeakKind | Lifecycle | 'pressure' | 'none';
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** How long the figures took to come to rest after the action. */
  readonly settledAfterMs: number | null;
  readonly before: Measurement | null;
  readonly after: Measurement | null;
  /** before − after of the targets (PSS + swap, or RSS where PSS is not known). */
  readonly reclaimedBytes: number | null;
  /** What `reclaimedBytes` would have been without the action, by the targets' trend before it. */
  readonly counterfactualBytes: number | null;
  /** Standard error of `reclaimedBytes − counterfactualBytes`, from the noise before the action. */
  readonly errorBytes: number | null;
  readonly result: OutcomeResult;
  readonly targets: readonly TargetOutcome[];
  readonly undo: { readonly possible: boolean; readonly reason: string };
  readonly error: { readonly code: ErrorCode; readonly message: string; readonly hint: string } | null;
  readonly summary: string;
}

export interface UndoOrder {
  /** Id of the outcome; left out: the newest that can be undone. */
  readonly id?: string | undefined;
  readonly origin: ActionOrigin;
}

/** One line of the append-only audit log. */
export interface AuditEntry {
  readonly atMs: number;
  /** Of the plan or the outcome it belongs to. */
  readonly id: string;
  readonly event: 'planned' | 'refused' | 'started' | 'signal' | 'step' | 'finished' | 'undone';
  readonly action: ActionName;
  readonly origin: ActionOrigin;
  readonly process: ProcessKey | null;
  readonly detail: string;
}

export interface AuditQuery {
  readonly fromMs?: number | undefined;
  readonly action?: ActionName | undefined;
  readonly process?: string | undefined;
  /** Newest first; 1 … 1000. */
  readonly limit?: number | undefined;
}

export interface AuditPage {
  readonly schemaVersion: 1;
  readonly atMs: number;
  readonly entries: readonly AuditEntry[];
  readonly more: number;
  /** Lines that could not be read. */
  readonly torn: number;
}
