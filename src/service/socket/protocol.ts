import type { Caller, ErrorCode, Rampart, RampartEvent } from '../../model/index.ts';
import { RampartError } from '../../model/index.ts';

/**
 * JSON-RPC 2.0 on a unix socket, one message a line. The first request must be `hello`; after it the methods of
 * `Rampart`, `handover`, and notifications `event` from the service to a subscriber.
 */

/** Raised when a message changes its meaning; a new optional field does not raise it. */
export const PROTOCOL = 1;
/** The oldest protocol that this code still speaks. */
export const OLDEST_PROTOCOL = 1;

export interface Hello {
  readonly protocol: number;
  readonly oldestProtocol: number;
  /** Package version. */
  readonly version: string;
  readonly pid: number;
  readonly face: Caller['face'];
}

export interface Welcome {
  readonly protocol: number;
  readonly version: string;
  readonly pid: number;
  /** 'foreground': somebody's `rampart start`, which only its user ends. 'background': leaves after its last client. */
  readonly mode: 'foreground' | 'background';
  readonly startedAtMs: number;
}

export interface HandoverAnswer {
  readonly accepted: boolean;
  readonly reason: string;
}

/** Names are those of `Rampart`; each takes at most one parameter. Asking twice does no harm. */
export const QUERIES = [
  'status',
  'self',
  'listProcesses',
  'queryMetrics',
  'detectLeaks',
  'health',
  'doctor',
  'inspect',
  'planAction',
  'audit',
  'listAlerts',
  'listChannels',
  'recommend',
  'learned',
  'postMortem',
] as const;
/** These change something, or cost their target: they are not asked again when an answer was lost. */
export const COMMANDS = [
  'capture',
  'applyAction',
  'undoAction',
  'acknowledgeAlert',
  'silenceAlerts',
  'endSilence',
  'testChannel',
  'replayNotifications',
  'forgetLearned',
] as const;
export type Query = (typeof QUERIES)[number];
export type Command = (typeof COMMANDS)[number];
export type Question = Query | Command;
export type Method = Question | 'hello' | 'handover' | 'subscribe' | 'unsubscribe';

/** All that can be asked over the socket. */
export type Questions = Pick<Rampart, Question>;

/** The questions of a `Rampart` as one function that is told the method's name and its parameter. */
export function questions(ask: (method: Question, params?: unknown) => Promise<unknown>): Questions {
  const methods = [...QUERIES, ...COMMANDS].map((method) => [method, (params?: unknown) => ask(method, params)]);
  // Names and shapes are those of `Rampart` on both sides of the socket; `Questions` is what holds them together.
  return Object.fromEntries(methods) as Questions;
}

export interface WireError {
  readonly code: number;
  readonly message: string;
  readonly data?: { readonly code: ErrorCode; readonly hint: string };
}

export type Answer =
  | { readonly jsonrpc: '2.0'; readonly id: number | null; readonly result: unknown }
  | { readonly jsonrpc: '2.0'; readonly id: number | null; readonly error: WireError }
  | { readonly jsonrpc: '2.0'; readonly method: 'event'; readonly params: RampartEvent };

/** JSON-RPC's code for errors of the application; ours is in `data`. */
const APPLICATION_ERROR = -32_000;

export function toWire(error: unknown): WireError {
  if (error instanceof RampartError) {
    const { code, hint, message } = error;
    return { code: APPLICATION_ERROR, message, data: { code, hint } };
  }
  return {
    code: APPLICATION_ERROR,
    message: `the service failed: ${error instanceof Error ? error.message : String(error)}`,
    data: { code: 'internal', hint: 'Look into the log of the service (`rampart doctor` names it).' },
  };
}

export function fromWire(error: WireError): RampartError {
  return new RampartError(
    error.data?.code ?? 'internal',
    error.message,
    error.data?.hint ?? 'Look into the log of the service (`rampart doctor` names it).',
  );
}

/** Whether two programs understand each other: their ranges of protocols meet. */
export function protocolsMeet(
  a: { readonly protocol: number; readonly oldestProtocol: number },
  b: { readonly protocol: number; readonly oldestProtocol: number },
): boolean {
  return a.protocol >= b.oldestProtocol && b.protocol >= a.oldestProtocol;
}

/** Order of two package versions (semver.org, item 11, without build metadata): negative when `a` is older. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  for (let i = 0; i < 3; i += 1) {
    const difference = (left.numbers[i] ?? 0) - (right.numbers[i] ?? 0);
    if (difference !== 0) return difference;
  }
  // A pre-release is older than its release.
  if (left.pre === right.pre) return 0;
  if (left.pre === '') return 1;
  if (right.pre === '') return -1;
  return left.pre.localeCompare(right.pre, 'en', { numeric: true });
}

function parseVersion(version: string): { numbers: number[]; pre: string } {
  const [core = '', ...pre] = (version.split('+')[0] ?? '').split('-');
  return { numbers: core.split('.').map((part) => Number.parseInt(part, 10) || 0), pre: pre.join('-') };
}
