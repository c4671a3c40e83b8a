import type { ActionName, ActionParameters, ExpectedEffect, OutcomeResult, Risk } from './action.ts';
import type { AlertSubject } from './alert.ts';
import type { Evidence } from './attribution.ts';
import type { ProcessKey } from './process.ts';

export const RECOMMENDATION_TYPES = [
  'leak',
  'reap',
  'wrapper-tax',
  'fan-out',
  'retained-session',
  'transcript-size',
  'database-size',
  'swap-bound',
  'collect-garbage',
  'heap-cap',
  'exhaustion',
  'look-inside',
] as const;
export type RecommendationType = (typeof RECOMMENDATION_TYPES)[number];

export type Priority = 'low' | 'medium' | 'high' | 'critical';

/** One thing that can be done. The names are the original's; figures replace its guessed percentages. */
export interface RecommendedAction {
  readonly type: ActionName | 'restart' | 'configure' | 'upgrade' | 'observe';
  /** Our own words. */
  readonly description: string;
  /** Whether Rampart can do it itself. */
  readonly automated: boolean;
  readonly estimatedImpact: ExpectedEffect;
  /** How long it takes a person or Rampart: 'seconds', '5 min', … */
  readonly implementationTime: string;
  readonly risk: Risk;
  /** The exact next call of an agent, and the command of a person; null: neither can do it. */
  readonly call: string | null;
  readonly command: string | null;
  readonly request: {
    readonly action: ActionName;
    readonly target: string;
    readonly parameters?: ActionParameters;
  } | null;
  /** The entry that replaces the present one in a client's MCP configuration. Made of the process's own command line: untrusted data. */
  readonly configuration: { readonly command: string; readonly args: readonly string[] } | null;
}

export interface Recommendation {
  /** Stays the same as long as the cause does. */
  readonly id: string;
  readonly type: RecommendationType;
  readonly priority: Priority;
  readonly urgency: 'now' | 'today' | 'sometime';
  readonly title: string;
  /** Why, with the figures. */
  readonly reason: string;
  readonly subject: AlertSubject;
  readonly evidence: readonly Evidence[];
  /** 0–1: how sure it is that the cause is what it seems. */
  readonly confidence: number;
  /** Best action first. */
  readonly actions: readonly RecommendedAction[];
  readonly estimatedMemorySavings: ExpectedEffect;
  /** Whose memory it is about: what shares a process with another recommendation is not saved twice. */
  readonly processes: readonly ProcessKey[];
  /** Lower bound of the expected saving less the price of the risk, in bytes: what each priority is sorted by. */
  readonly rankBytes: number;
}

export interface AdviceQuery {
  /** 'host', a session id or a process key. */
  readonly target?: string | undefined;
  readonly type?: RecommendationType | undefined;
  readonly limit?: number | undefined;
}

export interface AdviceReport {
  readonly schemaVersion: 1;
  readonly atMs: number;
  readonly recommendations: readonly Recommendation[];
  readonly more: number;
  readonly estimatedMemorySavings: ExpectedEffect;
  readonly summary: string;
}

/** What was learned of one action on one kind of finding of one role. */
export interface LearnedEffect {
  readonly action: ActionName;
  readonly finding: string;
  readonly role: string;
  /** Outcomes, and their weight after decay. */
  readonly outcomes: number;
  readonly weight: number;
  /** Effect in bytes on a target of the usual size: mean, 80 % interval of the mean, and of the next single outcome. */
  readonly meanBytes: number | null;
  readonly lowBytes: number | null;
  readonly highBytes: number | null;
  readonly nextLowBytes: number | null;
  readonly nextHighBytes: number | null;
  /** Probability that the next one helps, and that it harms. */
  readonly helps: number;
  readonly harms: number;
  readonly lastAtMs: number | null;
  readonly results: Readonly<Partial<Record<OutcomeResult, number>>>;
  readonly reason: string;
}

/** A threshold that follows what is usual for a role. */
export interface LearnedThreshold {
  readonly role: string;
  readonly metric: string;
  readonly value: number;
  readonly floor: number;
  readonly ceiling: number;
  readonly samples: number;
  /** How many processes they are of; one that lives through a restart of the service counts again. */
  readonly processes: number;
  readonly reason: string;
}

export interface LearnedQuery {
  readonly role?: string | undefined;
  readonly action?: ActionName | undefined;
}

export interface LearnedReport {
  readonly schemaVersion: 1;
  readonly atMs: number;
  readonly effects: readonly LearnedEffect[];
  readonly thresholds: readonly LearnedThreshold[];
  readonly automations: { readonly lastHour: number; readonly limit: number; readonly enabled: boolean };
  readonly summary: string;
}

export interface ForgetOrder {
  /** Left out: everything. */
  readonly role?: string | undefined;
  readonly action?: ActionName | undefined;
}
